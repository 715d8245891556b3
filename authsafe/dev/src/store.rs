//! What was given out: codes, refresh tokens, access tokens, and the grant behind them.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::manner::Reach;
use super::pkce;
use super::user::User;

/// RFC 6749 §4.1.2 recommends ten minutes at most; a browser needs a second.
pub(super) const CODE_LIFETIME: u64 = 60;

/// What one person gave one client, once. All tokens made from it live and die with it.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) user: usize,
    pub(super) scopes: Vec<String>,
    pub(super) sid: String,
    pub(super) auth_time: u64,
    pub(super) has_refresh_token: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GrantId(u64);

#[derive(Debug)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) issued_at: u64,
}

/// A person who is signed in at the provider, in one browser.
#[derive(Debug, Clone, Copy)]
pub(super) struct Login {
    pub(super) user: usize,
    pub(super) auth_time: u64,
}

/// What a code or a refresh token was worth.
#[derive(Debug)]
pub(super) struct Redeemed {
    pub(super) id: GrantId,
    pub(super) grant: Grant,
    pub(super) nonce: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    next: u64,
    grants: HashMap<GrantId, (Grant, Revoked)>,
    codes: HashMap<String, (GrantId, Code, Used)>,
    refresh: HashMap<String, (GrantId, Used)>,
    access: HashMap<String, Access>,
    logins: HashMap<String, Login>,
    /// The clients and users who have met.
    consents: HashSet<(String, usize)>,
}

/// A grant with refresh tokens, as it lies in a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptGrant {
    client_id: String,
    user: String,
    scopes: Vec<String>,
    sid: String,
    auth_time: u64,
    /// The refresh tokens, and whether they are spent.
    refresh: Vec<(String, Used)>,
}

type Used = bool;
type Revoked = bool;

#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) grant: GrantId,
    pub(super) audience: String,
    pub(super) scopes: Vec<String>,
    pub(super) issued_at: u64,
    pub(super) expires_at: u64,
}

impl Store {
    /// What refresh tokens are good for.
    pub(super) fn kept(&self, users: &[User]) -> Vec<KeptGrant> {
        let live = self.grants.iter().filter(|(_, (_, revoked))| !revoked);
        let kept = live.filter_map(|(id, (grant, _))| {
            let of_grant = self.refresh.iter().filter(|(_, (of, _))| of == id);
            let refresh: Vec<_> = of_grant
                .map(|(it, (_, used))| (it.clone(), *used))
                .collect();
            (!refresh.is_empty()).then_some(KeptGrant {
                client_id: grant.client_id.clone(),
                user: users.get(grant.user)?.id.clone(),
                scopes: grant.scopes.clone(),
                sid: grant.sid.clone(),
                auth_time: grant.auth_time,
                refresh,
            })
        });
        kept.collect()
    }

    /// Takes back what was kept, but for users who are gone.
    pub(super) fn restore(&mut self, kept: Vec<KeptGrant>, users: &[User]) {
        for grant in kept {
            let Some(user) = users.iter().position(|user| user.id == grant.user) else {
                continue;
            };
            let id = self.add_grant(Grant {
                client_id: grant.client_id,
                user,
                scopes: grant.scopes,
                sid: grant.sid,
                auth_time: grant.auth_time,
                has_refresh_token: true,
            });
            let refresh = grant.refresh.into_iter();
            self.refresh
                .extend(refresh.map(|(token, used)| (token, (id, used))));
        }
    }

    pub(super) fn add_grant(&mut self, grant: Grant) -> GrantId {
        let id = GrantId(self.next);
        self.next += 1;
        self.grants.insert(id, (grant, false));
        id
    }

    pub(super) fn add_code(&mut self, code: String, grant: Grant, details: Code) {
        let id = self.add_grant(grant);
        self.codes.insert(code, (id, details, false));
    }

    /// RFC 6749 §4.1.3 and §10.5. Whatever the outcome, the code is spent; a second use takes
    /// back what the first one gave.
    pub(super) fn redeem_code(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: &str,
        now: u64,
    ) -> Result<Redeemed, &'static str> {
        let Some((id, code, used)) = self.codes.get_mut(code) else {
            return Err("this authorization code was never given out");
        };
        let id = *id;
        let first = !std::mem::replace(used, true);
        let fits = if !first {
            Err("this authorization code was already used; every token made from it is revoked")
        } else if now >= code.issued_at + CODE_LIFETIME {
            Err("this authorization code has run out")
        } else if code.redirect_uri != redirect_uri {
            Err("`redirect_uri` is not the one that the authorization request named")
        } else if !pkce::verifies(verifier, &code.challenge) {
            Err("`code_verifier` does not belong to the `code_challenge`")
        } else {
            Ok(code.nonce.clone())
        };
        let redeemed = fits.and_then(|nonce| {
            let grant = self.live_grant_of(id, client_id)?;
            Ok(Redeemed { id, grant, nonce })
        });
        if redeemed.is_err() {
            self.revoke_grant(id);
        }
        redeemed
    }

    pub(super) fn add_refresh(&mut self, token: String, grant: GrantId) {
        self.refresh.insert(token, (grant, false));
    }

    /// RFC 9700 §4.14.2: with `rotate` the token is spent, and a spent one that comes again was
    /// stolen from one of the two that know it: the whole family is revoked.
    pub(super) fn redeem_refresh(
        &mut self,
        token: &str,
        client_id: &str,
        rotate: bool,
    ) -> Result<Redeemed, &'static str> {
        let Some(&(id, used)) = self.refresh.get(token) else {
            return Err("this refresh token was never given out");
        };
        let grant = self.live_grant_of(id, client_id)?;
        if used {
            self.revoke_grant(id);
            return Err("this refresh token was already used; its whole family is revoked");
        }
        if let Some((_, used)) = self.refresh.get_mut(token) {
            *used = rotate;
        }
        Ok(Redeemed {
            id,
            grant,
            nonce: None,
        })
    }

    fn live_grant_of(&self, id: GrantId, client_id: &str) -> Result<Grant, &'static str> {
        match self.grants.get(&id) {
            Some((grant, _)) if grant.client_id != client_id => {
                Err("this was given to another client")
            }
            Some((grant, false)) => Ok(grant.clone()),
            _ => Err("this was revoked"),
        }
    }

    pub(super) fn add_access(&mut self, token: String, access: Access) {
        self.access
            .retain(|_, known| known.expires_at > access.issued_at);
        self.access.insert(token, access);
    }

    /// An access token that is good now, and the grant behind it.
    pub(super) fn access(&self, token: &str, now: u64) -> Option<(&Access, &Grant)> {
        let access = self.access.get(token)?;
        match self.grants.get(&access.grant) {
            Some((grant, false)) if now < access.expires_at => Some((access, grant)),
            _ => None,
        }
    }

    /// A refresh token that could be used now.
    pub(super) fn refresh(&self, token: &str) -> Option<&Grant> {
        let (id, used) = self.refresh.get(token)?;
        match self.grants.get(id) {
            Some((grant, false)) if !used => Some(grant),
            _ => None,
        }
    }

    /// Notes that a user has given a client something. Returns whether it is the first time.
    pub(super) fn consent(&mut self, client_id: &str, user: usize) -> bool {
        self.consents.insert((client_id.to_owned(), user))
    }

    /// RFC 7009 §2.1: a refresh token takes its whole grant along, and what is within reach; an access
    /// token goes alone. A token that nobody knows is revoked already.
    pub(super) fn revoke(
        &mut self,
        token: &str,
        client_id: &str,
        reach: Reach,
    ) -> Result<(), &'static str> {
        let refresh = self.refresh.get(token).map(|&(id, _)| id);
        let access = self.access.get(token).map(|access| access.grant);
        let Some(id) = refresh.or(access) else {
            return Ok(());
        };
        if let Some((grant, _)) = self.grants.get(&id)
            && grant.client_id != client_id
        {
            return Err("this was given to another client");
        }
        if refresh.is_some() {
            self.revoke_within(id, reach);
        } else {
            self.access.remove(token);
        }
        Ok(())
    }

    fn revoke_within(&mut self, id: GrantId, reach: Reach) {
        self.revoke_grant(id);
        let Some((revoked, _)) = self.grants.get(&id).cloned() else {
            return;
        };
        for (grant, is_revoked) in self.grants.values_mut() {
            let is_near = match reach {
                Reach::Grant => false,
                Reach::Session => grant.sid == revoked.sid,
                Reach::User => grant.user == revoked.user,
            };
            *is_revoked |= is_near && grant.client_id == revoked.client_id;
        }
        if reach == Reach::User {
            self.consents.remove(&(revoked.client_id, revoked.user));
        }
    }

    fn revoke_grant(&mut self, id: GrantId) {
        if let Some((_, revoked)) = self.grants.get_mut(&id) {
            *revoked = true;
        }
    }

    pub(super) fn revoke_all(&mut self) {
        for (_, revoked) in self.grants.values_mut() {
            *revoked = true;
        }
        self.logins.clear();
    }

    pub(super) fn add_login(&mut self, sid: String, login: Login) {
        self.logins.insert(sid, login);
    }

    pub(super) fn login(&self, sid: &str) -> Option<Login> {
        self.logins.get(sid).copied()
    }

    pub(super) fn end_login(&mut self, sid: &str) {
        self.logins.remove(sid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const NOW: u64 = 1_800_000_000;

    fn store_with_code() -> Store {
        let mut store = Store::default();
        let grant = Grant {
            client_id: "app".to_owned(),
            user: 0,
            scopes: vec!["openid".to_owned()],
            sid: "sid".to_owned(),
            auth_time: NOW,
            has_refresh_token: false,
        };
        let code = Code {
            redirect_uri: "http://localhost/cb".to_owned(),
            challenge: pkce::s256(VERIFIER),
            nonce: Some("n".to_owned()),
            issued_at: NOW,
        };
        store.add_code("code".to_owned(), grant, code);
        store
    }

    fn redeem(store: &mut Store, now: u64) -> Result<Redeemed, &'static str> {
        store.redeem_code("code", "app", "http://localhost/cb", VERIFIER, now)
    }

    fn access(grant: GrantId) -> Access {
        Access {
            grant,
            audience: "app".to_owned(),
            scopes: vec![],
            issued_at: NOW,
            expires_at: NOW + 10,
        }
    }

    #[test]
    fn a_code_works_once_and_its_replay_takes_the_tokens_back() {
        let mut store = store_with_code();
        let redeemed = redeem(&mut store, NOW + 1).unwrap();
        assert_eq!(redeemed.nonce.as_deref(), Some("n"));
        store.add_access("at".to_owned(), access(redeemed.id));
        store.add_refresh("rt".to_owned(), redeemed.id);
        assert!(store.access("at", NOW + 2).is_some());
        assert!(
            redeem(&mut store, NOW + 2)
                .unwrap_err()
                .contains("already used")
        );
        assert!(store.access("at", NOW + 2).is_none());
        assert!(store.redeem_refresh("rt", "app", true).is_err());
    }

    #[test]
    fn a_code_runs_out_after_a_minute() {
        assert!(redeem(&mut store_with_code(), NOW + CODE_LIFETIME - 1).is_ok());
        assert!(redeem(&mut store_with_code(), NOW + CODE_LIFETIME).is_err());
    }

    #[test]
    fn one_wrong_guess_spends_the_code() {
        for (client, uri, verifier) in [
            ("other", "http://localhost/cb", VERIFIER),
            ("app", "http://localhost/other", VERIFIER),
            (
                "app",
                "http://localhost/cb",
                "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong",
            ),
        ] {
            let mut store = store_with_code();
            assert!(
                store
                    .redeem_code("code", client, uri, verifier, NOW)
                    .is_err()
            );
            assert!(redeem(&mut store, NOW).is_err());
        }
    }

    #[test]
    fn a_spent_refresh_token_revokes_its_family() {
        let mut store = store_with_code();
        let id = redeem(&mut store, NOW).unwrap().id;
        store.add_refresh("first".to_owned(), id);
        store.redeem_refresh("first", "app", true).unwrap();
        store.add_refresh("second".to_owned(), id);
        assert!(store.refresh("second").is_some());
        assert!(store.redeem_refresh("first", "app", true).is_err());
        assert!(store.refresh("second").is_none());
        assert!(store.redeem_refresh("second", "app", true).is_err());
    }

    #[test]
    fn another_client_can_neither_use_nor_kill_a_refresh_token() {
        let mut store = store_with_code();
        let id = redeem(&mut store, NOW).unwrap().id;
        store.add_refresh("rt".to_owned(), id);
        assert!(store.redeem_refresh("rt", "other", true).is_err());
        assert!(store.revoke("rt", "other", Reach::Grant).is_err());
        assert!(store.redeem_refresh("rt", "app", true).is_ok());
    }

    #[test]
    fn revoking_an_access_token_leaves_the_others() {
        let mut store = store_with_code();
        let id = redeem(&mut store, NOW).unwrap().id;
        store.add_access("one".to_owned(), access(id));
        store.add_access("two".to_owned(), access(id));
        store.revoke("one", "app", Reach::Grant).unwrap();
        assert!(store.access("one", NOW).is_none());
        assert!(store.access("two", NOW).is_some());
        assert!(store.access("two", NOW + 10).is_none());
    }
}
