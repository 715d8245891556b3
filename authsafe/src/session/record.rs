//! What a session says, and how it lies in the sealed bytes.
//!
//! A guard reads it in place. The first part is the texts one after another, then where each of
//! them ends, then the numbers:
//!
//! ```text
//! texts | end of each text, 2 bytes each | id 16 | flags 1 | renewals 4 | revision 4
//!       | began at, issued at, active at, expires at, access token ends, auth time: 8 each
//! ```

use core::fmt;
use core::str::FromStr;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::cookie::Sealed;
use super::data::Data;
use super::seal::Keys;
use super::ticket::Stored;
use crate::clock::UnixSeconds;
use crate::policy::Granted;
use crate::types::{Reason, Token, Tokens};

/// What goes into a new session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Random, new at every sign-in.
    pub(crate) id: [u8; 16],
    pub(crate) user_id: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) name: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) organization_id: Option<String>,
    /// `sid`: the provider's own session.
    pub(crate) provider_session: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) roles: Vec<String>,
    /// Roles that the app itself gave; the provider's come and go without them.
    pub(crate) added_roles: Vec<String>,
    pub(crate) permissions: Vec<String>,
    /// The app's own data, by name.
    pub(crate) data: Data,
    /// How often it has got new tokens.
    pub(crate) renewals: u32,
    /// How often it has been sealed anew with the same tokens.
    pub(crate) revision: u32,
    /// There is a refresh token among its tokens.
    pub(crate) has_refresh_token: bool,
    /// The access token was ours to read, and may have granted what is granted.
    pub(crate) reads_access_token: bool,
    /// The sign-in.
    pub(crate) began_at: UnixSeconds,
    /// The sign-in, or the last refresh.
    pub(crate) issued_at: UnixSeconds,
    /// The last request that was noted.
    pub(crate) active_at: UnixSeconds,
    pub(crate) expires_at: UnixSeconds,
    pub(crate) access_expires_at: UnixSeconds,
    pub(crate) auth_time: Option<UnixSeconds>,
}

/// The texts, in the order in which they lie.
#[derive(Clone, Copy)]
enum Text {
    UserId,
    Email,
    Name,
    Picture,
    OrganizationId,
    ProviderSession,
    Scopes,
    Roles,
    /// Right after the roles, so that both can be read as one.
    AddedRoles,
    Permissions,
    Data,
}

const TEXTS: usize = 11;
const NUMBERS: usize = 16 + 1 + 4 + 4 + 6 * 8;
const SEPARATOR: char = '\0';
const EMAIL_VERIFIED: u8 = 1;
const HAS_REFRESH_TOKEN: u8 = 2;
/// Set where it was not: a session from before this flag counts as one whose access token was read.
const ACCESS_TOKEN_UNREAD: u8 = 4;

/// The session has more in it than the format or the browser's cookies can hold.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the session is larger than cookies can hold")]
pub(crate) struct TooLarge;

impl Identity {
    /// Returns whether the user may do the same as by `other`.
    pub(crate) fn grants_the_same_as(&self, other: &Self) -> bool {
        let same = |ours: &[String], theirs: &[String]| {
            let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
            set(ours) == set(theirs)
        };
        same(&self.scopes, &other.scopes)
            && same(&self.roles, &other.roles)
            && same(&self.added_roles, &other.added_roles)
            && same(&self.permissions, &other.permissions)
            && self.organization_id == other.organization_id
    }

    /// Does it take something away that `before` gave: a right, time, the address that somebody is
    /// known by, the session at the provider that it ends with?
    pub(crate) fn takes_from(&self, before: &Self) -> bool {
        let lost = |now: &[String], then: &[String]| then.iter().any(|name| !now.contains(name));
        let other = |now: &Option<String>, then: &Option<String>| then.is_some() && now != then;
        lost(&self.scopes, &before.scopes)
            || lost(&self.roles, &before.roles)
            || lost(&self.added_roles, &before.added_roles)
            || lost(&self.permissions, &before.permissions)
            || other(&self.organization_id, &before.organization_id)
            || other(&self.email, &before.email)
            || (before.email_verified && !self.email_verified)
            || self.expires_at < before.expires_at
            // A logout of the new one would not end what was sealed before.
            || self.provider_session != before.provider_session
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, TooLarge> {
        let [scopes, roles, added, permissions] = [
            &self.scopes,
            &self.roles,
            &self.added_roles,
            &self.permissions,
        ]
        .map(|names| join(names));
        let between = if roles.is_empty() || added.is_empty() {
            ""
        } else {
            "\0"
        };
        let added = [between, &added].concat();
        let data = self.data.encode();
        let texts: [&str; TEXTS] = [
            &self.user_id,
            self.email.as_deref().unwrap_or_default(),
            self.name.as_deref().unwrap_or_default(),
            self.picture.as_deref().unwrap_or_default(),
            self.organization_id.as_deref().unwrap_or_default(),
            self.provider_session.as_deref().unwrap_or_default(),
            &scopes,
            &roles,
            &added,
            &permissions,
            &data,
        ];
        let mut bytes = texts.concat().into_bytes();
        let mut end = 0_usize;
        for text in texts {
            end += text.len();
            bytes.extend(u16::try_from(end).map_err(|_| TooLarge)?.to_be_bytes());
        }
        bytes.extend(self.id);
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        bytes.push(
            flag(self.email_verified, EMAIL_VERIFIED)
                | flag(self.has_refresh_token, HAS_REFRESH_TOKEN)
                | flag(!self.reads_access_token, ACCESS_TOKEN_UNREAD),
        );
        bytes.extend(self.renewals.to_be_bytes());
        bytes.extend(self.revision.to_be_bytes());
        for number in [
            self.began_at,
            self.issued_at,
            self.active_at,
            self.expires_at,
            self.access_expires_at,
            self.auth_time.unwrap_or_default(),
        ] {
            bytes.extend(number.to_be_bytes());
        }
        Ok(bytes)
    }
}

/// A name that would be read as two, or as none, is left out: it grants nothing.
fn join(names: &[String]) -> String {
    let names: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !name.is_empty() && !name.contains(SEPARATOR))
        .collect();
    names.join("\0")
}

/// Somebody who is signed in.
///
/// As a handler's argument it lets in whoever is signed in and nobody else; `Option<Session>`
/// lets in everybody. Cheap to clone. In an app with several sign-ins it is of the routes that the
/// handler's guard names, else of the innermost session layer; [`Of`](crate::Of) says whose it is.
#[derive(Clone)]
pub struct Session(Arc<Record>);

struct Record {
    text: String,
    ends: [u16; TEXTS],
    id: [u8; 16],
    flags: u8,
    renewals: u32,
    revision: u32,
    began_at: UnixSeconds,
    issued_at: UnixSeconds,
    active_at: UnixSeconds,
    expires_at: UnixSeconds,
    access_expires_at: UnixSeconds,
    auth_time: UnixSeconds,
    tokens: Second,
    /// `None`: it lies in the cookie.
    stored: Option<Box<Stored>>,
}

/// The tokens: sealed until someone asks.
pub(crate) enum Second {
    Open(Tokens),
    Sealed(Sealed, Arc<Keys>),
}

impl Session {
    /// Reads a first part. `None` where it is not of this format.
    pub(crate) fn decode(bytes: Vec<u8>, tokens: Second) -> Option<Self> {
        Self::read(bytes, tokens, None)
    }

    /// As [`decode`](Self::decode), for a session in a store.
    pub(crate) fn decode_stored(bytes: Vec<u8>, tokens: Second, stored: Stored) -> Option<Self> {
        Self::read(bytes, tokens, Some(Box::new(stored)))
    }

    fn read(mut bytes: Vec<u8>, tokens: Second, stored: Option<Box<Stored>>) -> Option<Self> {
        let tail_at = bytes.len().checked_sub(2 * TEXTS + NUMBERS)?;
        let mut tail = bytes.get(tail_at..)?;
        let mut ends = [0; TEXTS];
        let mut start = 0;
        for end in &mut ends {
            *end = u16::from_be_bytes(take(&mut tail)?);
            if *end < start {
                return None;
            }
            start = *end;
        }
        if usize::from(start) != tail_at {
            return None;
        }
        let id = take(&mut tail)?;
        let [flags] = take(&mut tail)?;
        let renewals = u32::from_be_bytes(take(&mut tail)?);
        let revision = u32::from_be_bytes(take(&mut tail)?);
        let mut number = || Some(u64::from_be_bytes(take(&mut tail)?));
        let (began_at, issued_at, active_at) = (number()?, number()?, number()?);
        let (expires_at, access_expires_at, auth_time) = (number()?, number()?, number()?);
        bytes.truncate(tail_at);
        let text = String::from_utf8(bytes).ok()?;
        Some(Self(Arc::new(Record {
            text,
            ends,
            id,
            flags,
            renewals,
            revision,
            began_at,
            issued_at,
            active_at,
            expires_at,
            access_expires_at,
            auth_time,
            tokens,
            stored,
        })))
    }

    fn text(&self, which: Text) -> &str {
        self.texts(which, which)
    }

    /// The texts from one to another, as they lie.
    fn texts(&self, first: Text, last: Text) -> &str {
        let end = |at: usize| usize::from(self.0.ends[at]);
        let start = (first as usize).checked_sub(1).map_or(0, end);
        self.0
            .text
            .get(start..end(last as usize))
            .unwrap_or_default()
    }

    fn optional(&self, which: Text) -> Option<&str> {
        Some(self.text(which)).filter(|text| !text.is_empty())
    }

    /// Who it is.
    #[must_use]
    pub fn user(&self) -> User<'_> {
        User(self)
    }

    /// The scopes that were granted (RFC 6749 §3.3).
    #[must_use]
    pub fn scopes(&self) -> Names<'_> {
        Names(self.text(Text::Scopes))
    }

    /// The user's roles: those of the provider, then those that the app added.
    #[must_use]
    pub fn roles(&self) -> Names<'_> {
        Names(self.texts(Text::Roles, Text::AddedRoles))
    }

    /// The user's permissions.
    #[must_use]
    pub fn permissions(&self) -> Names<'_> {
        Names(self.text(Text::Permissions))
    }

    /// The app's own data under a name, as [`NewSession::set`](crate::NewSession::set) or
    /// [`SessionData::set`](crate::SessionData::set) wrote it. `None` where there is none, or where it
    /// is of another type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.data().get(name)
    }

    pub(crate) fn data(&self) -> Data {
        Data::decode(self.text(Text::Data))
    }

    /// Returns whether this scope was granted.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|it| it == scope)
    }

    /// Returns whether all of these scopes were granted.
    #[must_use]
    pub fn has_scopes<'s>(&self, scopes: impl IntoIterator<Item = &'s str>) -> bool {
        scopes.into_iter().all(|scope| self.has_scope(scope))
    }

    /// Returns whether the user has this role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|it| it == role)
    }

    /// Returns whether the user has this permission.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions().any(|it| it == permission)
    }

    /// When the session began, or last got new tokens.
    #[must_use]
    pub fn issued_at(&self) -> UnixSeconds {
        self.0.issued_at
    }

    /// When the session ends, whatever happens: `max_age` after sign-in, or before.
    #[must_use]
    pub fn expires_at(&self) -> UnixSeconds {
        self.0.expires_at
    }

    /// When the access token ends.
    #[must_use]
    pub fn access_token_expires_at(&self) -> UnixSeconds {
        self.0.access_expires_at
    }

    /// When the user last proved who they are (`auth_time`, OpenID Connect Core §2).
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixSeconds> {
        Some(self.0.auth_time).filter(|&time| time != 0)
    }

    /// The tokens, decrypted now: a guard does not need them, a call to an API does.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        match &self.0.tokens {
            Second::Open(tokens) => Some(tokens.clone()),
            Second::Sealed(sealed, keys) => decode_tokens(&keys.open_second(sealed.as_bytes())?),
        }
    }

    /// The access token, for calls to APIs in the user's name; decrypted now.
    #[must_use]
    pub fn access_token(&self) -> Option<Token> {
        self.tokens().map(|tokens| tokens.access)
    }

    /// Returns whether there is a refresh token among the tokens, without opening them.
    pub(crate) fn has_refresh_token(&self) -> bool {
        self.0.flags & HAS_REFRESH_TOKEN != 0
    }

    /// Which session it is: new at every sign-in, for [`Auth::revoke_session`](crate::Auth::revoke_session).
    #[must_use]
    pub fn id(&self) -> SessionId {
        SessionId(self.0.id)
    }

    /// How it lies in the store. `None`: it lies in the cookie.
    pub(crate) fn stored(&self) -> Option<&Stored> {
        self.0.stored.as_deref()
    }

    pub(crate) fn renewals(&self) -> u32 {
        self.0.renewals
    }

    /// Which state of the session it is: a later one is greater.
    pub(crate) fn state(&self) -> (u32, u32) {
        (self.0.renewals, self.0.revision)
    }

    /// Returns whether it was sealed after `other`, of which it is a later state.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        self.state() > other.state()
    }

    /// When the user signed in.
    pub(crate) fn began_at(&self) -> UnixSeconds {
        self.0.began_at
    }

    /// `sid`: the provider's own session that it came of.
    pub(crate) fn provider_session(&self) -> Option<&str> {
        self.optional(Text::ProviderSession)
    }

    /// When the session was last noted to be in use.
    pub(crate) fn active_at(&self) -> UnixSeconds {
        self.0.active_at
    }

    pub(crate) fn identity(&self) -> Identity {
        let owned = |names: Names<'_>| names.map(str::to_owned).collect();
        let optional = |which| self.optional(which).map(str::to_owned);
        Identity {
            id: self.0.id,
            user_id: self.text(Text::UserId).to_owned(),
            email: optional(Text::Email),
            email_verified: self.user().email_verified(),
            name: optional(Text::Name),
            picture: optional(Text::Picture),
            organization_id: optional(Text::OrganizationId),
            provider_session: optional(Text::ProviderSession),
            scopes: owned(self.scopes()),
            roles: owned(Names(self.text(Text::Roles))),
            added_roles: owned(Names(
                self.text(Text::AddedRoles).trim_start_matches(SEPARATOR),
            )),
            permissions: owned(self.permissions()),
            data: self.data(),
            renewals: self.0.renewals,
            revision: self.0.revision,
            has_refresh_token: self.has_refresh_token(),
            reads_access_token: self.0.flags & ACCESS_TOKEN_UNREAD == 0,
            began_at: self.0.began_at,
            issued_at: self.0.issued_at,
            active_at: self.0.active_at,
            expires_at: self.0.expires_at,
            access_expires_at: self.0.access_expires_at,
            auth_time: self.auth_time(),
        }
    }
}

impl Granted for Session {
    fn has_scope(&self, scope: &str) -> bool {
        self.has_scope(scope)
    }

    fn has_role(&self, role: &str) -> bool {
        self.has_role(role)
    }

    fn has_permission(&self, permission: &str) -> bool {
        self.has_permission(permission)
    }

    fn organization(&self) -> Option<&str> {
        self.optional(Text::OrganizationId)
    }

    fn auth_time(&self) -> Option<UnixSeconds> {
        self.auth_time()
    }
}

/// Names who it is and until when; never a token.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user_id", &self.user().id())
            .field("expires_at", &self.0.expires_at)
            .finish_non_exhaustive()
    }
}

/// The public fields, as AuthSafe's JavaScript SDKs name them; never a token.
impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let user = self.user();
        let mut fields = serializer.serialize_struct("Session", 12)?;
        fields.serialize_field("userId", user.id())?;
        fields.serialize_field("email", &user.email())?;
        fields.serialize_field("emailVerified", &user.email_verified())?;
        fields.serialize_field("name", &user.name())?;
        fields.serialize_field("picture", &user.picture())?;
        fields.serialize_field("organizationId", &user.organization_id())?;
        fields.serialize_field("scopes", &self.scopes())?;
        fields.serialize_field("roles", &self.roles())?;
        fields.serialize_field("permissions", &self.permissions())?;
        fields.serialize_field("issuedAt", &self.issued_at())?;
        fields.serialize_field("expiresAt", &self.expires_at())?;
        fields.serialize_field("accessTokenExpiresAt", &self.access_token_expires_at())?;
        fields.end()
    }
}

/// Names a session among all. It opens nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) [u8; 16]);

/// 32 hexadecimal digits, for an audit log or a list of sessions.
impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// From what `Display` wrote.
impl FromStr for SessionId {
    type Err = Reason;

    fn from_str(text: &str) -> Result<Self, Reason> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u128::from_str_radix(text, 16) {
            Ok(id) if is_hex => Ok(Self(id.to_be_bytes())),
            _ => Err(Reason("must be 32 hexadecimal digits")),
        }
    }
}

/// Who is signed in, as the provider said.
#[derive(Debug, Clone, Copy)]
pub struct User<'a>(&'a Session);

impl<'a> User<'a> {
    /// `sub`: the only name that never changes (OpenID Connect Core §5.7).
    #[must_use]
    pub fn id(&self) -> &'a str {
        self.0.text(Text::UserId)
    }

    /// `email`. It may change, and may be somebody else's where it is not verified.
    #[must_use]
    pub fn email(&self) -> Option<&'a str> {
        self.0.optional(Text::Email)
    }

    /// `email_verified`: the provider saw that the address is theirs.
    #[must_use]
    pub fn email_verified(&self) -> bool {
        self.0.0.flags & EMAIL_VERIFIED != 0
    }

    /// `name`.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.0.optional(Text::Name)
    }

    /// `picture`: a URL.
    #[must_use]
    pub fn picture(&self) -> Option<&'a str> {
        self.0.optional(Text::Picture)
    }

    /// `org_id`.
    #[must_use]
    pub fn organization_id(&self) -> Option<&'a str> {
        self.0.optional(Text::OrganizationId)
    }

    /// What to call them: the name, else the email address, else the id.
    #[must_use]
    pub fn display_name(&self) -> &'a str {
        self.name().or(self.email()).unwrap_or(self.id())
    }
}

/// Scopes, roles or permissions, one by one.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a>(&'a str);

impl<'a> Iterator for Names<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let (name, rest) = self.0.split_once(SEPARATOR).unwrap_or((self.0, ""));
        self.0 = rest;
        Some(name)
    }
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(*self)
    }
}

/// The tokens as a second part: the length of each, then their texts. An absent one is empty.
pub(crate) fn encode_tokens(tokens: &Tokens) -> Result<Vec<u8>, TooLarge> {
    let texts = [
        tokens.access.expose_secret(),
        tokens.refresh.as_ref().map_or("", Token::expose_secret),
        tokens.id.as_ref().map_or("", Token::expose_secret),
    ];
    let mut bytes = Vec::with_capacity(6 + texts.iter().map(|text| text.len()).sum::<usize>());
    for text in texts {
        bytes.extend(
            u16::try_from(text.len())
                .map_err(|_| TooLarge)?
                .to_be_bytes(),
        );
    }
    for text in texts {
        bytes.extend(text.as_bytes());
    }
    Ok(bytes)
}

fn decode_tokens(mut bytes: &[u8]) -> Option<Tokens> {
    let lengths: [[u8; 2]; 3] = [take(&mut bytes)?, take(&mut bytes)?, take(&mut bytes)?];
    let [access, refresh, id] = lengths.map(|length| {
        let (text, rest) = bytes.split_at_checked(usize::from(u16::from_be_bytes(length)))?;
        bytes = rest;
        core::str::from_utf8(text).ok()
    });
    let token = |text: &str| (!text.is_empty()).then(|| Token::new(text));
    Some(Tokens {
        access: token(access?)?,
        refresh: token(refresh?),
        id: token(id?),
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Identity {
        Identity {
            id: [7; 16],
            user_id: "authsafe|1".into(),
            email: Some("alice@example.com".into()),
            email_verified: true,
            name: Some("Älice".into()),
            scopes: vec!["openid".into(), "admin".into()],
            roles: vec!["chief editor".into()],
            renewals: 5,
            revision: 7,
            has_refresh_token: true,
            reads_access_token: true,
            began_at: 1,
            issued_at: 2,
            active_at: 3,
            expires_at: 4,
            access_expires_at: 5,
            auth_time: Some(6),
            ..Identity::default()
        }
    }

    fn tokens() -> Tokens {
        Tokens {
            access: Token::new("at"),
            refresh: None,
            id: Some(Token::new("idt")),
        }
    }

    fn decode(bytes: Vec<u8>) -> Option<Session> {
        Session::decode(bytes, Second::Open(tokens()))
    }

    #[test]
    fn what_was_encoded_is_read_back() {
        let session = decode(alice().encode().unwrap()).unwrap();
        assert_eq!(session.identity(), alice());
    }

    #[test]
    fn a_record_from_before_a_flag_is_read_as_one_whose_access_token_granted() {
        let old = Identity {
            reads_access_token: false,
            ..alice()
        };
        let mut bytes = old.encode().unwrap();
        assert!(!decode(bytes.clone()).unwrap().identity().reads_access_token);
        let flags = bytes.len() - NUMBERS + 16;
        bytes[flags] &= !ACCESS_TOKEN_UNREAD;
        assert_eq!(decode(bytes).unwrap().identity(), alice());
    }

    #[test]
    fn what_takes_away_is_told_from_what_gives() {
        let before = Identity {
            organization_id: Some("a".into()),
            provider_session: Some("s".into()),
            added_roles: vec!["x".into()],
            permissions: vec!["p".into()],
            ..alice()
        };
        let takes = |change: fn(&mut Identity)| {
            let mut after = before.clone();
            change(&mut after);
            after.takes_from(&before)
        };
        for take in [
            (|it| drop(it.scopes.pop())) as fn(&mut Identity),
            |it| it.scopes = vec!["write".into(), "openid".into()],
            |it| it.roles.clear(),
            |it| it.added_roles.clear(),
            |it| it.permissions.clear(),
            |it| it.organization_id = None,
            |it| it.organization_id = Some("b".into()),
            |it| it.email = None,
            |it| it.email = Some("b@example.com".into()),
            |it| it.email_verified = false,
            |it| it.expires_at -= 1,
            |it| it.provider_session = Some("t".into()),
            |it| it.provider_session = None,
        ] {
            assert!(takes(take));
        }
        for give in [
            (|_| {}) as fn(&mut Identity),
            |it| it.scopes.insert(0, "write".into()),
            |it| it.roles.push("b".into()),
            |it| it.expires_at += 1,
            |it| it.name = None,
            |it| it.picture = None,
            |it| it.renewals += 1,
            |it| it.access_expires_at -= 1,
        ] {
            assert!(!takes(give));
        }
    }

    #[test]
    fn a_scope_is_compared_whole() {
        let session = decode(alice().encode().unwrap()).unwrap();
        assert!(session.has_scope("admin") && session.has_scopes(["openid", "admin"]));
        assert!(!session.has_scopes(["openid", "write"]));
        for other in ["adm", "admins", "", "openid\0admin", "Admin"] {
            assert!(!session.has_scope(other), "{other:?}");
        }
    }

    #[test]
    fn added_roles_are_read_with_the_providers_and_kept_apart_from_them() {
        for (roles, added) in [
            (vec![], vec!["x"]),
            (vec!["a"], vec![]),
            (vec!["a", "b"], vec!["x", "y"]),
        ] {
            let mut identity = alice();
            identity.roles = roles.iter().map(|&it| it.into()).collect();
            identity.added_roles = added.iter().map(|&it| it.into()).collect();
            let session = decode(identity.encode().unwrap()).unwrap();
            assert_eq!(session.roles().collect::<Vec<_>>(), [roles, added].concat());
            assert_eq!(session.identity(), identity);
        }
    }

    #[test]
    fn a_name_that_would_be_read_as_two_grants_nothing() {
        let mut identity = alice();
        identity.roles = vec!["a\0admin".into(), String::new(), "b".into()];
        let session = decode(identity.encode().unwrap()).unwrap();
        assert_eq!(session.roles().collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn no_cut_or_stretched_record_is_read() {
        let bytes = alice().encode().unwrap();
        for length in 0..bytes.len() {
            assert!(decode(bytes[..length].to_vec()).is_none(), "{length}");
        }
        assert!(decode([&[0], bytes.as_slice()].concat()).is_none());
    }

    #[test]
    fn what_is_too_large_for_the_format_is_an_error() {
        let mut identity = alice();
        identity.name = Some("x".repeat(70_000));
        assert!(identity.encode().is_err());
    }

    #[test]
    fn a_session_id_comes_back_from_its_text() {
        let id = SessionId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in [
            "",
            "00",
            "+00102030405060708090a0b0c0d0eff",
            "zz0102030405060708090a0b0c0d0eff",
        ] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tokens_are_read_back() {
        let read = decode_tokens(&encode_tokens(&tokens()).unwrap()).unwrap();
        assert_eq!(read.access.expose_secret(), "at");
        assert!(read.refresh.is_none());
        assert_eq!(read.id.unwrap().expose_secret(), "idt");
    }

    #[test]
    fn the_public_json_holds_no_token() {
        let session = decode(alice().encode().unwrap()).unwrap();
        let json = serde_json::to_value(&session).unwrap();
        assert_eq!(json["userId"], "authsafe|1");
        assert_eq!(json["scopes"], serde_json::json!(["openid", "admin"]));
        assert_eq!(json["organizationId"], serde_json::Value::Null);
        assert_eq!(json.as_object().unwrap().len(), 12);
    }

    #[test]
    fn debug_shows_no_email_and_no_token() {
        let session = decode(alice().encode().unwrap()).unwrap();
        let text = format!("{session:?}");
        assert!(text.contains("authsafe|1") && !text.contains("alice@") && !text.contains("idt"));
    }
}
