//! A session, read in place: a guard copies none of its texts.

use core::fmt;
use std::sync::Arc;

use memchr::{memchr, memmem};
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::data::Data;
use super::id::SessionId;
use super::identity::{
    ACCESS_TOKEN_UNREAD, ASKS_USERINFO, EMAIL_VERIFIED, HAS_FINE_ID, HAS_REFRESH_TOKEN, Identity,
    NUMBERS, READS_DECLARED, SEPARATOR, TEXTS, Text,
};
use super::ticket::StoreEntry;
use super::tokens::{KeptTokens, SessionTokens};
use crate::clock::{FineTime, UnixSeconds};
use crate::types::{Token, Tokens};

/// Somebody who is signed in.
///
/// As a handler's argument it lets in whoever is signed in and nobody else; `Option<Session>`
/// lets in strangers too. Cheap to clone. In an app with several sign-ins it is of the routes that the
/// handler's guard names, else of the innermost session layer; [`Of`](crate::Of) says whose it is.
#[derive(Clone)]
#[doc(alias = "current user")]
#[doc(alias = "login")]
pub struct Session(Arc<Record>, Access);

/// Whether the access token serves, as far as it was asked when the session was opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Kept,
    /// It has run out, and the provider gives no new one for now.
    InGrace,
}

/// The cause for which a session has no access token to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// It has run out, and the provider gives no new one for now: the session is served for
    /// `session(grace = "...")` without it.
    #[error("the access token has run out, and the provider gives no new one for now")]
    RunOut,
    /// `session(keep(access_token = false))` has sessions keep none.
    #[error(
        "sessions keep no access token: take `access_token = false` out of `session(keep(...))`"
    )]
    NotKept,
    /// The tokens cannot be opened.
    #[error("the session's tokens cannot be opened")]
    Unreadable,
}

struct Record {
    text: String,
    ends: [u16; TEXTS],
    id: SessionId,
    flags: u8,
    renewals: u32,
    revision: u32,
    began_at: UnixSeconds,
    issued_at: UnixSeconds,
    active_at: UnixSeconds,
    expires_at: UnixSeconds,
    access_expires_at: UnixSeconds,
    auth_time: UnixSeconds,
    tokens: SessionTokens,
    /// `None`: it lies in the cookie.
    stored: Option<Box<StoreEntry>>,
}

impl Session {
    /// Reads a first part. `None` where it is not of this format.
    pub(crate) fn decode(bytes: Vec<u8>, tokens: SessionTokens) -> Option<Self> {
        Self::read(bytes, tokens, None)
    }

    /// Does what [`decode`](Self::decode) does, for a session in a store.
    pub(crate) fn decode_stored(
        bytes: Vec<u8>,
        tokens: SessionTokens,
        stored: StoreEntry,
    ) -> Option<Self> {
        Self::read(bytes, tokens, Some(Box::new(stored)))
    }

    fn read(
        mut bytes: Vec<u8>,
        tokens: SessionTokens,
        stored: Option<Box<StoreEntry>>,
    ) -> Option<Self> {
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
        let id = SessionId(take(&mut tail)?);
        let [flags] = take(&mut tail)?;
        let renewals = u32::from_be_bytes(take(&mut tail)?);
        let revision = u32::from_be_bytes(take(&mut tail)?);
        let mut number = || Some(u64::from_be_bytes(take(&mut tail)?));
        let (began_at, issued_at, active_at) = (number()?, number()?, number()?);
        let (expires_at, access_expires_at, auth_time) = (number()?, number()?, number()?);
        bytes.truncate(tail_at);
        let text = String::from_utf8(bytes).ok()?;
        let record = Record {
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
        };
        Some(Self(Arc::new(record), Access::Kept))
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

    /// Returns who it is.
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

    /// The app's own data under a name, as [`NewSession::set`](crate::hooks::NewSession::set) or
    /// [`SessionData::set`](crate::SessionData::set) wrote it. `None` where there is none, or where it
    /// is of another type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.data().get(name)
    }

    /// A claim of the provider's that the attribute has sessions keep, `keep("department")`, under the path
    /// written there; as it was at sign-in or at the last refresh. `None` where the provider does not
    /// say, or where it is of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        self.kept().get(path)
    }

    pub(crate) fn data(&self) -> Data {
        Data::decode(self.kept_text(0).unwrap_or_default())
    }

    fn kept(&self) -> Data {
        Data::decode(self.kept_text(1).unwrap_or_default())
    }

    fn kept_text(&self, at: usize) -> Option<&str> {
        self.text(Text::Data).split(SEPARATOR).nth(at)
    }

    /// Returns whether this scope was granted.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().have(scope)
    }

    /// Returns whether all of these scopes were granted.
    #[must_use]
    pub fn has_scopes<'s>(&self, scopes: impl IntoIterator<Item = &'s str>) -> bool {
        scopes.into_iter().all(|scope| self.has_scope(scope))
    }

    /// Returns whether the user has this role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().have(role)
    }

    /// Returns whether the user has this permission.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions().have(permission)
    }

    /// Returns when the session began, or last got new tokens.
    #[must_use]
    pub fn issued_at(&self) -> UnixSeconds {
        self.0.issued_at
    }

    /// Returns when the session ends, whatever happens: `max_age` after sign-in, or before.
    #[must_use]
    pub fn expires_at(&self) -> UnixSeconds {
        self.0.expires_at
    }

    /// Returns when the access token ends.
    #[must_use]
    pub fn access_token_expires_at(&self) -> UnixSeconds {
        self.0.access_expires_at
    }

    /// Returns when the user last proved who they are (`auth_time`, OpenID Connect Core §2).
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixSeconds> {
        Some(self.0.auth_time).filter(|&time| time != 0)
    }

    /// The tokens, decrypted now: a guard does not need them, a call to an API does. `None` where they cannot
    /// be opened, and where `session(keep(access_token = false))` has sessions keep no access token.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        let KeptTokens {
            access,
            refresh,
            id,
        } = self.kept_tokens()?;
        let access = access?;
        Some(Tokens {
            access,
            refresh,
            id,
        })
    }

    /// Those of the tokens that the session keeps, decrypted now.
    pub(crate) fn kept_tokens(&self) -> Option<KeptTokens> {
        self.0.tokens.open()
    }

    /// The access token, for calls to APIs in the user's name; decrypted now.
    ///
    /// # Errors
    ///
    /// When it has run out and the provider gives no new one for now: a session is served without it for
    /// `session(grace = "...")`. What needs it answers 503 then, say. And always, where
    /// `session(keep(access_token = false))` has sessions keep none.
    pub fn access_token(&self) -> Result<Token, AccessTokenError> {
        let tokens = self.kept_tokens().ok_or(AccessTokenError::Unreadable)?;
        let token = tokens.access.ok_or(AccessTokenError::NotKept)?;
        match self.1 {
            Access::Kept => Ok(token),
            Access::InGrace => Err(AccessTokenError::RunOut),
        }
    }

    /// The ID token, decrypted now. `None` where the provider gave none, or where
    /// `session(keep(id_token = false))` has sessions keep none.
    #[must_use]
    pub fn id_token(&self) -> Option<Token> {
        self.kept_tokens()?.id
    }

    /// Returns whether it came with this access token in the place of a session.
    pub(crate) fn is_of(&self, access_token: &str) -> bool {
        self.0.tokens.are_of(access_token)
    }

    /// Returns the same session, whose access token has run out.
    pub(crate) fn in_grace(self) -> Self {
        Self(self.0, Access::InGrace)
    }

    /// The refresh token, decrypted now.
    pub(crate) fn refresh_token(&self) -> Option<Token> {
        self.kept_tokens()?.refresh
    }

    /// Returns whether there is a refresh token among the tokens, without opening them.
    pub(crate) fn has_refresh_token(&self) -> bool {
        self.0.flags & HAS_REFRESH_TOKEN != 0
    }

    /// Returns whether UserInfo was asked at sign-in, and has to be again.
    pub(crate) fn asks_userinfo(&self) -> bool {
        self.0.flags & ASKS_USERINFO != 0
    }

    /// Returns which session it is: new at every sign-in, for [`Auth::revoke_session`](crate::Auth::revoke_session).
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.0.id
    }

    /// Returns how it lies in the store. `None`: it lies in the cookie.
    pub(crate) fn stored(&self) -> Option<&StoreEntry> {
        self.0.stored.as_deref()
    }

    pub(crate) fn renewals(&self) -> u32 {
        self.0.renewals
    }

    /// Returns which state of the session it is: a later one is greater.
    pub(crate) fn state(&self) -> (u32, u32) {
        (self.0.renewals, self.0.revision)
    }

    /// Returns whether it was sealed after `other`, of which it is a later state.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        self.state() > other.state()
    }

    /// Returns when the user signed in.
    pub(crate) fn began_at(&self) -> UnixSeconds {
        self.0.began_at
    }

    /// Returns what [`began_at`](Self::began_at) does, to the nanosecond where that is known, else the beginning
    /// of that second.
    pub(crate) fn began(&self) -> FineTime {
        let seconds = self.0.began_at;
        match self.0.flags & HAS_FINE_ID {
            0 => FineTime::first_of(seconds),
            _ => FineTime {
                seconds,
                nanos: self.0.id.nanos(),
            },
        }
    }

    /// `sid`: the provider's own session that it came of.
    pub(crate) fn provider_session(&self) -> Option<&str> {
        self.optional(Text::ProviderSession)
    }

    /// Returns when the session was last noted to be in use.
    pub(crate) fn active_at(&self) -> UnixSeconds {
        self.0.active_at
    }

    pub(crate) fn identity(&self) -> Identity {
        let owned = |names: Names<'_>| names.map(str::to_owned).collect();
        let optional = |which| self.optional(which).map(str::to_owned);
        Identity {
            id: self.0.id,
            has_fine_id: self.0.flags & HAS_FINE_ID != 0,
            user_id: self.text(Text::UserId).to_owned(),
            email: optional(Text::Email),
            email_verified: self.user().email_verified(),
            name: optional(Text::Name),
            picture: optional(Text::Picture),
            organization_id: optional(Text::OrganizationId),
            left_organization: self.kept_text(2).map(str::to_owned),
            provider_session: optional(Text::ProviderSession),
            scopes: self.scopes().collect(),
            roles: owned(Names(self.text(Text::Roles))),
            added_roles: owned(Names(
                self.text(Text::AddedRoles).trim_start_matches(SEPARATOR),
            )),
            permissions: owned(self.permissions()),
            data: self.data(),
            kept: self.kept(),
            asks_userinfo: self.asks_userinfo(),
            renewals: self.0.renewals,
            revision: self.0.revision,
            has_refresh_token: self.has_refresh_token(),
            reads_access_token: self.0.flags & ACCESS_TOKEN_UNREAD == 0,
            reads_declared: self.0.flags & READS_DECLARED != 0,
            began_at: self.0.began_at,
            issued_at: self.0.issued_at,
            active_at: self.0.active_at,
            expires_at: self.0.expires_at,
            access_expires_at: self.0.access_expires_at,
            auth_time: self.auth_time(),
        }
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

/// The person who is signed in, as the provider said.
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

    /// Returns what to call them: the name, else the email address, else the id.
    #[must_use]
    pub fn display_name(&self) -> &'a str {
        self.name().or(self.email()).unwrap_or(self.id())
    }
}

/// Scopes, roles or permissions, one by one.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a>(&'a str);

impl Names<'_> {
    /// Returns whether a name is among them: looked for in all of their text, and not from one to the next.
    fn have(self, name: &str) -> bool {
        let (text, name) = (self.0.as_bytes(), name.as_bytes());
        // Two names side by side are none, nor is nothing.
        if name.is_empty() || memchr(SEPARATOR as u8, name).is_some() {
            return false;
        }
        let is_end = |at: Option<usize>| {
            at.and_then(|at| text.get(at))
                .is_none_or(|it| *it == SEPARATOR as u8)
        };
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| memmem::find(rest, name)) {
            let start = from + at;
            if is_end(start.checked_sub(1)) && is_end(Some(start + name.len())) {
                return true;
            }
            // No name goes on behind a separator: each is looked at once.
            match memchr(SEPARATOR as u8, &text[start..]) {
                Some(length) => from = start + length + 1,
                None => return false,
            }
        }
        false
    }
}

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

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Scopes;

    #[test]
    fn a_name_is_found_whole_and_wherever_it_is() {
        let texts = [
            "",
            "a",
            "ab\0a",
            "a\0ab\0b",
            "\0a",
            "admin\0adm\0min",
            "aa\0aaa",
            "ä\0a",
        ];
        let names = [
            "", "a", "b", "ab", "aa", "adm", "min", "dm", "admin", "a\0ab", "\0a", "a\0", "ä",
        ];
        for (text, name) in texts
            .iter()
            .flat_map(|text| names.map(|name| (*text, name)))
        {
            let is_among = Names(text).any(|it| it == name && !name.is_empty());
            assert_eq!(Names(text).have(name), is_among, "{name:?} in {text:?}");
        }
    }

    #[test]
    fn a_name_that_is_nearly_everywhere_is_looked_for_once() {
        // Would it begin anew at each letter, this took minutes.
        let (text, name) = ("a".repeat(60_000), "a".repeat(30_000));
        assert!(!Names(&text).have(&name));
        assert!(Names(&format!("{text}\0{name}")).have(&name));
    }

    fn alice() -> Identity {
        Identity {
            email: Some("alice@example.com".into()),
            email_verified: true,
            name: Some("Älice".into()),
            scopes: Scopes::parse("openid admin"),
            roles: vec!["chief editor".into()],
            renewals: 5,
            revision: 7,
            has_refresh_token: true,
            reads_access_token: true,
            reads_declared: false,
            began_at: 1,
            issued_at: 2,
            active_at: 3,
            expires_at: 4,
            access_expires_at: 5,
            auth_time: Some(6),
            ..Identity::new(SessionId([7; 16]), "authsafe|1".into())
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
        Session::decode(bytes, SessionTokens::Open(tokens().into()))
    }

    #[test]
    fn what_was_encoded_is_read_back() {
        let session = decode(alice().encode().unwrap()).unwrap();
        assert_eq!(session.identity(), alice());
        assert_eq!(session.renewals(), alice().renewals);
        assert_eq!(session.state(), (alice().renewals, alice().revision));
    }

    #[test]
    fn a_session_tells_its_times_and_what_it_is() {
        let alice = Identity {
            provider_session: Some("sid".to_owned()),
            asks_userinfo: true,
            ..alice()
        };
        let session = decode(alice.encode().unwrap()).unwrap();
        assert_eq!(session.id(), SessionId([7; 16]));
        assert_eq!((session.began_at(), session.issued_at()), (1, 2));
        assert_eq!((session.active_at(), session.expires_at()), (3, 4));
        assert_eq!(session.access_token_expires_at(), 5);
        assert_eq!(session.auth_time(), Some(6));
        assert_eq!(session.provider_session(), Some("sid"));
        assert!(session.asks_userinfo() && session.has_refresh_token());
        let less = Identity::new(SessionId([7; 16]), "bob".to_owned());
        let less = decode(less.encode().unwrap()).unwrap();
        assert_eq!((less.auth_time(), less.provider_session()), (None, None));
        assert!(!less.asks_userinfo() && !less.has_refresh_token());
    }

    #[test]
    fn a_user_is_told_as_they_are_and_shown_by_the_first_name_there_is() {
        let told = |name: Option<&str>, email: Option<&str>| {
            let identity = Identity {
                name: name.map(str::to_owned),
                email: email.map(str::to_owned),
                picture: Some("https://id.example/a.png".to_owned()),
                ..alice()
            };
            decode(identity.encode().unwrap()).unwrap()
        };
        let session = told(Some("Alice"), Some("a@example.com"));
        let user = session.user();
        assert_eq!(
            (user.name(), user.email()),
            (Some("Alice"), Some("a@example.com"))
        );
        assert_eq!(user.picture(), Some("https://id.example/a.png"));
        assert_eq!(user.display_name(), "Alice");
        let session = told(None, Some("a@example.com"));
        assert_eq!(
            (session.user().name(), session.user().display_name()),
            (None, "a@example.com")
        );
        let session = told(None, None);
        assert_eq!(
            (session.user().email(), session.user().display_name()),
            (None, session.user().id())
        );
    }

    #[test]
    fn later_states_are_newer_and_the_same_is_not() {
        let of = |renewals, revision| {
            let identity = Identity {
                renewals,
                revision,
                ..alice()
            };
            decode(identity.encode().unwrap()).unwrap()
        };
        let before = of(5, 7);
        for (newer, is_newer) in [
            (of(5, 8), true),
            (of(6, 0), true),
            (of(5, 7), false),
            (of(5, 6), false),
            (of(4, 9), false),
        ] {
            assert_eq!(newer.is_newer_than(&before), is_newer, "{newer:?}");
        }
    }

    #[test]
    fn its_tokens_are_told_as_they_are_kept() {
        let all = Tokens {
            refresh: Some(Token::new("rt")),
            ..tokens()
        };
        let with = |tokens| {
            let tokens = SessionTokens::Open(tokens);
            Session::decode(alice().encode().unwrap(), tokens).unwrap()
        };
        let session = with(KeptTokens::from(all));
        let told = |token: Option<Token>| token.map(|it| it.expose_secret().to_owned());
        assert_eq!(told(session.id_token()).as_deref(), Some("idt"));
        assert_eq!(told(session.refresh_token()).as_deref(), Some("rt"));
        assert_eq!(told(session.access_token().ok()).as_deref(), Some("at"));
        assert_eq!(
            told(session.tokens().map(|it| it.access)).as_deref(),
            Some("at")
        );
        assert!(session.is_of("at") && !session.is_of("a") && !session.is_of("rt"));
        let run_out = session.in_grace().access_token();
        assert_eq!(run_out.unwrap_err(), AccessTokenError::RunOut);
        let none = with(KeptTokens {
            access: None,
            refresh: None,
            id: None,
        });
        assert_eq!(none.access_token().unwrap_err(), AccessTokenError::NotKept);
        assert!(none.tokens().is_none() && none.id_token().is_none() && !none.is_of(""));
    }

    #[test]
    fn a_record_tells_when_in_its_second_it_began_but_for_one_from_before() {
        let (seconds, nanos) = (1, 5);
        let began = FineTime { seconds, nanos };
        let new = Identity::beginning([9; 12], began, "alice".to_owned());
        let session = decode(new.encode().unwrap()).unwrap();
        assert_eq!((session.began(), session.identity()), (began, new));
        // Whatever is in its id, which was random.
        let old = decode(alice().encode().unwrap()).unwrap();
        assert_eq!(old.began(), FineTime::first_of(1));
    }

    #[test]
    fn kept_claims_and_the_apps_data_lie_side_by_side() {
        let set = |values: serde_json::Value| Data::from(values.as_object().cloned().unwrap());
        let (data, kept) = (
            set(serde_json::json!({"tid": "the app's\u{0}", "theme": "dark"})),
            set(serde_json::json!({"tid": 5, "https://x.example/a": ["b"]})),
        );
        let all = [
            (data.clone(), kept.clone()),
            (data, Data::default()),
            (Data::default(), kept),
        ];
        for (data, kept) in all {
            for left_organization in [None, Some("acme".to_owned())] {
                let identity = Identity {
                    data: data.clone(),
                    kept: kept.clone(),
                    organization_id: None,
                    left_organization,
                    asks_userinfo: true,
                    reads_declared: true,
                    ..alice()
                };
                let session = decode(identity.encode().unwrap()).unwrap();
                assert_eq!(session.identity(), identity);
                assert_eq!(session.claim::<u8>("tid"), kept.get("tid"));
                assert_eq!(session.get::<String>("tid"), data.get("tid"));
            }
        }
    }

    #[test]
    fn a_record_from_before_claims_were_kept_is_read() {
        let mut data = Data::default();
        data.apply(crate::session::DataChange::set("theme", &"dark").unwrap());
        let old = Identity { data, ..alice() };
        let bytes = old.encode().unwrap();
        // As it was written before: the data's text is JSON and nothing else.
        let text = br#"{"theme":"dark"}"#;
        let at = bytes.windows(text.len()).position(|it| it == text).unwrap();
        assert_ne!(bytes[at + text.len()], 0x7b);
        assert_eq!(bytes[bytes.len() - NUMBERS + 16] & ASKS_USERINFO, 0);
        let session = decode(bytes).unwrap();
        assert_eq!(session.get::<String>("theme").as_deref(), Some("dark"));
        assert_eq!(session.claim::<String>("theme"), None);
        assert!(!session.asks_userinfo());
    }

    #[test]
    fn a_record_from_before_a_flag_is_read_as_one_whose_access_token_granted() {
        let old = Identity {
            reads_access_token: false,
            ..alice()
        };
        let mut bytes = old.encode().unwrap();
        let read = decode(bytes.clone()).unwrap().identity();
        assert!(!read.reads_access_token && !read.reads_declared);
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
            (|it| it.scopes = Scopes::parse("openid")) as fn(&mut Identity),
            |it| it.scopes = Scopes::parse("write openid"),
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
            |it| it.scopes.extend(["write"]),
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

    #[test]
    fn a_name_is_found_behind_one_that_ends_in_it() {
        let names = ["aaaadmin", "admin", "user"].join(&SEPARATOR.to_string());
        for (name, expected) in [
            ("admin", true),
            ("aaaadmin", true),
            ("user", true),
            ("aadmin", false),
            ("min", false),
            ("use", false),
            ("", false),
        ] {
            assert_eq!(Names(&names).have(name), expected, "{name}");
        }
    }
}
