//! What goes into a session, and how it lies in the sealed bytes:
//!
//! ```text
//! texts | end of each text, 2 bytes each | id 16 | flags 1 | renewals 4 | revision 4
//!       | began at, issued at, active at, expires at, access token ends, auth time: 8 each
//! ```

use std::collections::BTreeSet;

use super::data::Data;
use super::id::SessionId;
use crate::clock::{FineTime, UnixSeconds};
use crate::types::Scopes;

/// What goes into a new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Random, new at every sign-in.
    pub(crate) id: SessionId,
    /// Its id tells when in its second it began.
    pub(crate) has_fine_id: bool,
    pub(crate) user_id: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) name: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) organization_id: Option<String>,
    /// The organization that the user was told to be in last, where none is told now: what the app keeps is of it.
    pub(crate) left_organization: Option<String>,
    /// `sid`: the provider's own session.
    pub(crate) provider_session: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) roles: Vec<String>,
    /// Roles that the app itself gave; the provider's come and go without them.
    pub(crate) added_roles: Vec<String>,
    pub(crate) permissions: Vec<String>,
    /// The app's own data, by name.
    pub(crate) data: Data,
    /// The claims that the attribute has it keep, by path.
    pub(crate) kept: Data,
    /// UserInfo was asked at sign-in, and is again at each refresh.
    pub(crate) asks_userinfo: bool,
    /// How often it has got new tokens.
    pub(crate) renewals: u32,
    /// How often it has been sealed anew with the same tokens.
    pub(crate) revision: u32,
    /// There is a refresh token among its tokens.
    pub(crate) has_refresh_token: bool,
    /// The access token was this app's, and may have granted what is granted.
    pub(crate) reads_access_token: bool,
    /// It was another API's, and the claims that the attribute declares were read from it.
    pub(crate) reads_declared: bool,
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
pub(super) enum Text {
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
    /// The app's own data; behind a separator, which JSON never holds, the claims that are kept; behind another one the
    /// organization that the user has left.
    Data,
}

pub(super) const TEXTS: usize = 11;
pub(super) const NUMBERS: usize = 16 + 1 + 4 + 4 + 6 * 8;
pub(super) const SEPARATOR: char = '\0';
pub(super) const EMAIL_VERIFIED: u8 = 1;
pub(super) const HAS_REFRESH_TOKEN: u8 = 2;
/// Set where it was not: a session from before this flag counts as one whose access token was read.
pub(super) const ACCESS_TOKEN_UNREAD: u8 = 4;
pub(super) const ASKS_USERINFO: u8 = 8;
pub(super) const READS_DECLARED: u8 = 16;
/// A session from before this flag began at the beginning of its second, as far as anybody knows.
pub(super) const HAS_FINE_ID: u8 = 32;

/// The session has more in it than the format or the browser's cookies can hold.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the session is larger than cookies can hold")]
pub(crate) struct TooLarge;

impl Identity {
    /// A user who may do nothing, signed in at the beginning of time.
    pub(crate) fn new(id: SessionId, user_id: String) -> Self {
        Self {
            id,
            has_fine_id: false,
            user_id,
            email: None,
            email_verified: false,
            name: None,
            picture: None,
            organization_id: None,
            left_organization: None,
            provider_session: None,
            scopes: Scopes::default(),
            roles: Vec::new(),
            added_roles: Vec::new(),
            permissions: Vec::new(),
            data: Data::default(),
            kept: Data::default(),
            asks_userinfo: false,
            renewals: 0,
            revision: 0,
            has_refresh_token: false,
            reads_access_token: false,
            reads_declared: false,
            began_at: 0,
            issued_at: 0,
            active_at: 0,
            expires_at: 0,
            access_expires_at: 0,
            auth_time: None,
        }
    }

    /// A user who may do nothing, in a session that begins now.
    pub(crate) fn beginning(random: [u8; 12], began: FineTime, user_id: String) -> Self {
        Self {
            has_fine_id: true,
            began_at: began.seconds,
            ..Self::new(SessionId::new(random, began), user_id)
        }
    }

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
            && self.kept == other.kept
    }

    /// Returns whether the user is in another organization than before. Where none is told, they are in the
    /// same.
    pub(crate) fn is_of_another_organization(&self, before: &Self) -> bool {
        self.organization_id.is_some()
            && self.organization_id.as_deref() != before.last_organization()
    }

    /// Returns the organization that the user was told to be in last.
    pub(crate) fn last_organization(&self) -> Option<&str> {
        let told = self.organization_id.as_deref();
        told.or(self.left_organization.as_deref())
    }

    /// Returns whether it takes something away that `before` gave: a right, time, the address that somebody is
    /// known by, the session at the provider that it ends with.
    pub(crate) fn takes_from(&self, before: &Self) -> bool {
        let lost = |now: &[String], then: &[String]| then.iter().any(|name| !now.contains(name));
        let other = |now: &Option<String>, then: &Option<String>| then.is_some() && now != then;
        lost(&self.scopes, &before.scopes)
            || lost(&self.roles, &before.roles)
            || lost(&self.added_roles, &before.added_roles)
            || lost(&self.permissions, &before.permissions)
            || other(&self.organization_id, &before.organization_id)
            || other(&self.email, &before.email)
            || (!before.kept.is_empty() && self.kept != before.kept)
            || (before.email_verified && !self.email_verified)
            || self.expires_at < before.expires_at
            // A logout of the new one would not end what was sealed before.
            || self.provider_session != before.provider_session
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, TooLarge> {
        let [scopes, roles, added, permissions] = [
            &self.scopes[..],
            &self.roles,
            &self.added_roles,
            &self.permissions,
        ]
        .map(join);
        let between = if roles.is_empty() || added.is_empty() {
            ""
        } else {
            "\0"
        };
        let added = [between, &added].concat();
        let mut data = self.data.encode();
        if !self.kept.is_empty() || self.left_organization.is_some() {
            data.push(SEPARATOR);
            data.push_str(&self.kept.encode());
        }
        if let Some(left) = &self.left_organization {
            data.push(SEPARATOR);
            data.push_str(left);
        }
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
        bytes.extend(self.id.0);
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        bytes.push(
            flag(self.email_verified, EMAIL_VERIFIED)
                | flag(self.has_refresh_token, HAS_REFRESH_TOKEN)
                | flag(!self.reads_access_token, ACCESS_TOKEN_UNREAD)
                | flag(self.asks_userinfo, ASKS_USERINFO)
                | flag(self.reads_declared, READS_DECLARED)
                | flag(self.has_fine_id, HAS_FINE_ID),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    type Change = (&'static str, fn(&mut Identity));

    fn kept(text: &str) -> Data {
        serde_json::Map::from_iter([("plan".to_owned(), Value::from(text))]).into()
    }

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn alice() -> Identity {
        Identity {
            email: Some("alice@example.com".to_owned()),
            email_verified: true,
            organization_id: Some("acme".to_owned()),
            provider_session: Some("sid".to_owned()),
            scopes: Scopes::parse("openid admin"),
            roles: names("admin editor"),
            added_roles: names("owner tester"),
            permissions: names("read write"),
            kept: kept("gold"),
            expires_at: 100,
            ..Identity::new(SessionId([1; 16]), "alice".to_owned())
        }
    }

    fn changed(change: fn(&mut Identity)) -> Identity {
        let mut identity = alice();
        change(&mut identity);
        identity
    }

    /// Each takes something away.
    const TAKES: [Change; 12] = [
        ("a scope", |it| it.scopes = Scopes::parse("openid")),
        ("a role", |it| it.roles = names("editor")),
        ("a role of the app", |it| it.added_roles = names("owner")),
        ("a permission", |it| it.permissions = names("read")),
        ("the organization", |it| it.organization_id = None),
        ("another organization", |it| {
            it.organization_id = Some("other".to_owned())
        }),
        ("the address", |it| it.email = None),
        ("another address", |it| {
            it.email = Some("a@example.com".to_owned())
        }),
        ("what is kept", |it| it.kept = Data::default()),
        ("what is kept is another", |it| it.kept = kept("silver")),
        ("a verified address", |it| it.email_verified = false),
        ("time", |it| it.expires_at = 99),
    ];

    #[test]
    fn what_takes_something_away_is_told_from_what_adds_to_it() {
        for (what, change) in TAKES {
            assert!(changed(change).takes_from(&alice()), "{what}");
        }
        let another_session = changed(|it| it.provider_session = Some("other".to_owned()));
        assert!(another_session.takes_from(&alice()));
        assert!(!alice().takes_from(&alice()));
        let nothing = Identity::new(SessionId([1; 16]), "alice".to_owned());
        let same_provider_session = Identity {
            provider_session: alice().provider_session,
            ..nothing
        };
        assert!(!alice().takes_from(&same_provider_session));
        let more = changed(|it| {
            it.roles.push("reader".to_owned());
            it.expires_at += 1;
        });
        assert!(!more.takes_from(&alice()));
    }

    #[test]
    fn who_may_do_the_same_is_told_from_who_may_do_more_or_less() {
        let changes: [Change; 6] = [
            ("scopes", |it| it.scopes = Scopes::parse("openid")),
            ("roles", |it| it.roles.push("reader".to_owned())),
            ("roles of the app", |it| it.added_roles = names("owner")),
            ("permissions", |it| it.permissions = names("read")),
            ("organization", |it| it.organization_id = None),
            ("what is kept", |it| it.kept = kept("silver")),
        ];
        for (what, change) in changes {
            assert!(!changed(change).grants_the_same_as(&alice()), "{what}");
        }
        // In another order, twice, at another time: the same.
        let same = changed(|it| {
            it.roles = names("editor admin editor");
            it.expires_at = 7;
            it.email = None;
        });
        assert!(same.grants_the_same_as(&alice()));
    }

    #[test]
    fn an_organization_that_is_not_told_is_no_other() {
        let of = |organization: Option<&str>| Identity {
            organization_id: organization.map(str::to_owned),
            ..alice()
        };
        let is_other = |now, before| of(now).is_of_another_organization(&of(before));
        assert!(is_other(Some("b"), Some("a")) && is_other(Some("b"), None));
        assert!(!is_other(Some("a"), Some("a")));
        assert!(!is_other(None, Some("a")) && !is_other(None, None));
        // By way of none nobody takes what one gave into another.
        let left = Identity {
            left_organization: Some("a".to_owned()),
            ..of(None)
        };
        assert!(of(Some("b")).is_of_another_organization(&left));
        assert!(!of(Some("a")).is_of_another_organization(&left));
        assert!(!of(None).is_of_another_organization(&left));
    }
}
