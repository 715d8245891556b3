//! Where the claims of a user lie, and the forms in which they are understood.
//!
//! What they say informs, or grants: it proves nothing. A claim of another form is left out, and named.

use serde_json::{Map, Value};

use super::claims::is_true;
use crate::types::Scopes;

/// Claims by name, as a token or an answer of UserInfo holds them.
pub(crate) type ClaimSet = Map<String, Value>;

/// What Zitadel's claims of roles begin with (Claims). Each role is a member of theirs, in which are the organizations that
/// gave it: their ids, with their domains.
const BY_ORGANIZATION: &str = "urn:zitadel:iam:org:project:";

/// The most bytes of a claim that a session keeps, as JSON.
const MAX_KEPT: usize = 1024;

/// The paths of the claims that are read. An empty list: the claim is where AuthSafe has it.
///
/// A path is a claim's name, or names with dots between for a member of an object. A name that holds
/// dots itself is found as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimPaths {
    /// The user's roles: those of all paths together. `roles`.
    pub roles: &'static [&'static str],
    /// The user's permissions, likewise. `permissions`.
    pub permissions: &'static [&'static str],
    /// The organization's id: the first path that has one. `org_id`.
    pub organization: &'static [&'static str],
    /// The user's name, likewise. `name`.
    pub name: &'static [&'static str],
    /// The user's address, likewise. `email`, to which `email_verified` belongs.
    pub email: &'static [&'static str],
    /// The claims that a session keeps for the app.
    pub keep: &'static [&'static str],
}

/// The claims of one sign-in or refresh, by where they come from.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) id_token: Option<&'a ClaimSet>,
    pub(crate) userinfo: Option<&'a ClaimSet>,
    /// An access token that was issued to this app.
    pub(crate) access_token: Option<&'a ClaimSet>,
    /// Whether it is for this app too. Of one for another API only what was declared is read.
    pub(crate) access_token_is_ours: bool,
}

/// What the provider tells of a user. `None`: it does not say.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: Option<bool>,
    pub(crate) picture: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) permissions: Option<Vec<String>>,
    pub(crate) kept: ClaimSet,
    /// Claims that were there, in a form that is not understood.
    pub(crate) left_out: Vec<&'static str>,
    /// A declared claim was found nowhere.
    is_incomplete: bool,
}

impl ClaimPaths {
    /// Those of AuthSafe; nothing is kept.
    pub const DEFAULT: Self = Self {
        roles: &[],
        permissions: &[],
        organization: &[],
        name: &[],
        email: &[],
        keep: &[],
    };

    /// Reads what the sources tell. Who it is comes from the ID token first, what it grants from the
    /// access token: where that is ours to read, it has the last word.
    pub(crate) fn read(&self, sources: Sources<'_>) -> Told {
        let mut told = Told::default();
        let Sources {
            id_token,
            userinfo,
            access_token,
            access_token_is_ours,
        } = sources;
        let ours = access_token.filter(|_| access_token_is_ours);
        let who = [id_token, userinfo];
        let anywhere = [id_token, userinfo, access_token];
        // One for another API says nothing over what is said to this app.
        let grants = match access_token_is_ours {
            true => [access_token, id_token, userinfo],
            false => [id_token, userinfo, access_token],
        };
        let undeclared = [ours, id_token, userinfo];
        told.name = match self.name {
            [] => told.text(&["name"], &who),
            declared => told.text(declared, &anywhere),
        };
        self.read_email(&mut told, &who, &anywhere);
        told.picture = told.text(&["picture"], &who);
        told.organization = match self.organization {
            [] => told.text(&["org_id"], &undeclared),
            declared => told.declared(|told| told.text(declared, &grants)),
        };
        let home = told.organization.clone();
        let asks_home = !self.organization.is_empty();
        let read = |path: &str, value: &Value| match asks_home && path.starts_with(BY_ORGANIZATION)
        {
            true => given_by(home.as_deref()?, value),
            false => several(value),
        };
        told.roles = match self.roles {
            [] => told.names("roles", &undeclared),
            declared => told.declared_names(declared, &grants, &read),
        };
        told.permissions = match self.permissions {
            [] => told.names("permissions", &undeclared),
            declared => told.declared_names(declared, &grants, &read),
        };
        for path in self.keep {
            match find_in(&anywhere, path) {
                Some((value, _)) if value.to_string().len() <= MAX_KEPT => {
                    told.kept.insert((*path).to_owned(), value.clone());
                }
                Some(_) => told.left_out.push(path),
                None => told.is_incomplete = true,
            }
        }
        told
    }

    fn read_email(
        &self,
        told: &mut Told,
        who: &[Option<&ClaimSet>],
        anywhere: &[Option<&ClaimSet>],
    ) {
        let (paths, from): (&[&'static str], _) = match self.email {
            [] => (&["email"], who),
            declared => (declared, anywhere),
        };
        for path in paths {
            let Some((email, source)) = told.text_at(path, from) else {
                continue;
            };
            // What is verified is `email`, where both were said at once.
            told.email_verified = (*path == "email").then(|| verified(source)).flatten();
            told.email = Some(email);
            return;
        }
        told.email_verified = who.iter().flatten().find_map(|claims| verified(claims));
    }

    /// Returns whether a claim is missing that the scopes promise (OpenID Connect Core §5.4), or that
    /// was declared.
    pub(crate) fn misses(&self, sources: Sources<'_>, scopes: &Scopes) -> bool {
        let told = self.read(sources);
        let granted = |scope: &str| scopes.iter().any(|it| it == scope);
        told.is_incomplete
            || (granted("profile") && told.name.is_none())
            || (granted("email") && told.email.is_none())
    }
}

impl Told {
    /// Returns the text at the first path that has one.
    fn text(&mut self, paths: &[&'static str], sources: &[Option<&ClaimSet>]) -> Option<String> {
        let mut found = paths.iter().map(|path| self.text_at(path, sources));
        found.find_map(|found| Some(found?.0))
    }

    fn text_at<'a>(
        &mut self,
        path: &'static str,
        sources: &[Option<&'a ClaimSet>],
    ) -> Option<(String, &'a ClaimSet)> {
        for source in sources.iter().flatten() {
            match find(source, path) {
                Some(Value::String(text)) if text.is_empty() => {}
                Some(Value::String(text)) => return Some((text.clone(), source)),
                Some(_) => self.left_out.push(path),
                None => {}
            }
        }
        None
    }

    /// Returns roles or permissions as AuthSafe has them: a text is one name, which may hold spaces.
    fn names(&mut self, name: &'static str, sources: &[Option<&ClaimSet>]) -> Option<Vec<String>> {
        let whole = |value: &Value| match value {
            Value::String(one) => Some(vec![one.clone()]),
            value => list(value),
        };
        self.first_understood(name, sources, whole)
    }

    fn declared_names(
        &mut self,
        paths: &[&'static str],
        sources: &[Option<&ClaimSet>],
        read: &dyn Fn(&str, &Value) -> Option<Vec<String>>,
    ) -> Option<Vec<String>> {
        let mut all: Option<Vec<String>> = None;
        for path in paths {
            let read = |value: &Value| read(path, value);
            let found = self.declared(|told| told.first_understood(path, sources, read));
            for name in found.into_iter().flatten() {
                let all = all.get_or_insert_default();
                if !all.contains(&name) {
                    all.push(name);
                }
            }
        }
        all
    }

    fn first_understood(
        &mut self,
        path: &'static str,
        sources: &[Option<&ClaimSet>],
        read: impl Fn(&Value) -> Option<Vec<String>>,
    ) -> Option<Vec<String>> {
        let (value, _) = find_in(sources, path)?;
        let names = read(value);
        if names.is_none() {
            self.left_out.push(path);
        }
        names
    }

    fn declared<T>(&mut self, find: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let found = find(self);
        self.is_incomplete |= found.is_none();
        found
    }
}

fn verified(claims: &ClaimSet) -> Option<bool> {
    let value = claims.get("email_verified").filter(|it| !it.is_null())?;
    Some(is_true(value))
}

fn find_in<'a>(sources: &[Option<&'a ClaimSet>], path: &str) -> Option<(&'a Value, &'a ClaimSet)> {
    let mut sources = sources.iter().flatten();
    sources.find_map(|source| Some((find(source, path)?, *source)))
}

/// Returns the claim at a path. The longest name counts: `https://example.com/roles` is one. `null` says
/// nothing.
fn find<'a>(claims: &'a ClaimSet, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value).filter(|value| !value.is_null());
    }
    path.rmatch_indices('.').find_map(|(at, _)| {
        let inner = claims.get(path.get(..at)?)?.as_object()?;
        find(inner, path.get(at + 1..)?)
    })
}

/// Reads names as providers write them: a list, a text with commas or spaces between, or an object
/// whose members they are.
fn several(value: &Value) -> Option<Vec<String>> {
    match value {
        // A name may hold spaces where commas keep them apart.
        Value::String(text) if text.contains(',') => {
            let names = text.split(',').map(str::trim);
            let names = names.filter(|name| !name.is_empty());
            Some(names.map(str::to_owned).collect())
        }
        Value::String(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        // Zitadel: each role is a member, in which are the organizations that gave it.
        Value::Object(members) => given(members, |value| match value {
            Value::Bool(given) => Some(*given),
            Value::Object(by) => Some(!by.is_empty()),
            _ => None,
        }),
        value => list(value),
    }
}

/// Reads the names that an organization gave, by its id or its domain.
fn given_by(organization: &str, value: &Value) -> Option<Vec<String>> {
    given(value.as_object()?, |by| {
        let by = by.as_object()?;
        Some(by.contains_key(organization) || by.values().any(|domain| domain == organization))
    })
}

/// Returns the names of the members that are given. `None`: of one of them that cannot be told.
fn given(members: &ClaimSet, is_given: impl Fn(&Value) -> Option<bool>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for (name, value) in members {
        if is_given(value)? {
            names.push(name.clone());
        }
    }
    Some(names)
}

/// Returns the claims with the tenant among them again, which was read for the issuer.
pub(crate) fn with_tenant(mut claims: ClaimSet, tid: Option<Value>) -> ClaimSet {
    if let Some(tid) = tid {
        claims.insert("tid".to_owned(), tid);
    }
    claims
}

/// Reads a list of texts. One with anything else in it is no list of names.
pub(crate) fn list(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter();
    texts.map(|it| it.as_str().map(str::to_owned)).collect()
}

/// Reads the scopes of an access token: `scope`, else `scp` (Entra, Okta); a text or a list.
pub(crate) fn scopes(claims: &ClaimSet) -> Option<Scopes> {
    let understood = |name| match claims.get(name)? {
        Value::String(text) => Some(Scopes::parse(text)),
        value => Some(list(value)?.into_iter().collect()),
    };
    understood("scope").or_else(|| understood("scp"))
}

/// Returns the claims among these that are there, and are of another type than they should be.
pub(crate) fn odd_scopes(claims: &ClaimSet) -> impl Iterator<Item = &'static str> {
    let is_odd = |name: &&str| match claims.get(*name) {
        None | Some(Value::Null | Value::String(_)) => false,
        Some(value) => list(value).is_none(),
    };
    ["scope", "scp"].into_iter().filter(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(claims: Value) -> ClaimSet {
        match claims {
            Value::Object(claims) => claims,
            other => panic!("{other}"),
        }
    }

    fn of_id_token(paths: ClaimPaths, claims: Value) -> Told {
        paths.read(Sources {
            id_token: Some(&set(claims)),
            ..Sources::default()
        })
    }

    fn roles_at(path: &'static str, claims: Value) -> Option<Vec<String>> {
        let paths: &'static [&'static str] = Box::leak(Box::new([path]));
        let roles = ClaimPaths {
            roles: paths,
            ..ClaimPaths::DEFAULT
        };
        of_id_token(roles, claims).roles
    }

    fn names<const N: usize>(names: [&str; N]) -> Option<Vec<String>> {
        Some(names.map(str::to_owned).to_vec())
    }

    #[test]
    fn a_path_is_followed_into_objects() {
        let claims = json!({"realm_access": {"roles": ["admin", "user"]}});
        assert_eq!(
            roles_at("realm_access.roles", claims.clone()),
            names(["admin", "user"])
        );
        assert_eq!(roles_at("realm_access.other", claims.clone()), None);
        assert_eq!(roles_at("realm_access.roles.x", claims), None);
    }

    #[test]
    fn a_name_that_holds_dots_or_is_a_url_is_found_whole() {
        let url = "https://example.com/roles";
        assert_eq!(roles_at(url, json!({url: ["admin"]})), names(["admin"]));
        let claims = json!({"resource_access": {"shop.example": {"roles": ["admin"]}}});
        let path = "resource_access.shop.example.roles";
        assert_eq!(roles_at(path, claims), names(["admin"]));
        // The whole name wins over the parts.
        let both = json!({"a.b": ["whole"], "a": {"b": ["part"]}});
        assert_eq!(roles_at("a.b", both), names(["whole"]));
    }

    #[test]
    fn an_objects_members_are_the_roles_where_they_are_given() {
        let path = "urn:zitadel:iam:org:project:roles";
        let claims = json!({path: {"admin": {"org1": "acme.example"}, "editor": {"org1": "x"}}});
        assert_eq!(roles_at(path, claims), names(["admin", "editor"]));
        let claims = json!({path: {"admin": {}, "editor": false, "reader": true}});
        assert_eq!(roles_at(path, claims), names(["reader"]));
        for odd in [json!(1), json!("no"), json!(null), json!(["x"])] {
            let told = roles_at(path, json!({path: {"admin": odd.clone(), "editor": true}}));
            assert_eq!(told, None, "{odd}");
        }
    }

    #[test]
    fn a_role_that_another_organization_gave_is_none_in_the_users_own() {
        const ROLES: &str = "urn:zitadel:iam:org:project:roles";
        const OF_ANOTHER_PROJECT: &str = "urn:zitadel:iam:org:project:7:roles";
        let paths = ClaimPaths {
            roles: &[ROLES],
            permissions: &[OF_ANOTHER_PROJECT],
            organization: &["home"],
            ..ClaimPaths::DEFAULT
        };
        let given =
            json!({"admin": {"2": "b.example"}, "editor": {"2": "b.example", "1": "a.example"}});
        let told = |paths: ClaimPaths, home: Value| {
            let claims = json!({ROLES: given, OF_ANOTHER_PROJECT: given, "home": home});
            let told = of_id_token(paths, claims);
            (told.roles, told.permissions, told.left_out)
        };
        let both = |names: Option<Vec<String>>| (names.clone(), names, vec![]);
        let all = names(["admin", "editor"]);
        for (home, expected) in [
            ("1", names(["editor"])),
            ("a.example", names(["editor"])),
            ("2", all.clone()),
            ("b.example", all.clone()),
            ("3", None),
        ] {
            assert_eq!(told(paths, json!(home)), both(expected), "{home}");
        }
        // Whose they are nobody knows, and the log says that they are left out.
        let (roles, permissions, left_out) = told(paths, json!(null));
        assert_eq!((roles, permissions), (None, None));
        assert_eq!(left_out, [ROLES, OF_ANOTHER_PROJECT]);
        // An app that reads no organization has one.
        let alone = ClaimPaths {
            organization: &[],
            ..paths
        };
        assert_eq!(told(alone, json!("1")), both(all));
    }

    #[test]
    fn a_text_is_kept_apart_by_commas_or_by_spaces() {
        let roles = |text: &str| roles_at("groups", json!({"groups": text}));
        assert_eq!(roles("admin editor"), names(["admin", "editor"]));
        assert_eq!(
            roles("chief editor, admin,"),
            names(["chief editor", "admin"])
        );
        assert_eq!(roles("admin"), names(["admin"]));
    }

    #[test]
    fn roles_where_nobody_declared_them_are_as_authsafe_has_them() {
        let roles = |value: Value| of_id_token(ClaimPaths::DEFAULT, json!({"roles": value})).roles;
        assert_eq!(roles(json!("chief editor")), names(["chief editor"]));
        assert_eq!(roles(json!(["a", "b"])), names(["a", "b"]));
        assert_eq!(roles(json!({"admin": true})), None);
    }

    #[test]
    fn several_paths_add_up() {
        let paths = ClaimPaths {
            roles: &["realm_access.roles", "groups"],
            ..ClaimPaths::DEFAULT
        };
        let (id, access) = (
            set(json!({"groups": ["staff", "admin"]})),
            set(json!({"realm_access": {"roles": ["admin"]}})),
        );
        let told = paths.read(Sources {
            id_token: Some(&id),
            userinfo: None,
            access_token: Some(&access),
            access_token_is_ours: true,
        });
        assert_eq!(told.roles, names(["admin", "staff"]));
    }

    #[test]
    fn of_an_access_token_for_another_api_only_what_was_declared_is_read() {
        let access = json!({
            "roles": ["admin"], "permissions": ["write"], "org_id": "o",
            "realm_access": {"roles": ["staff"]}, "department": "d",
        });
        let sources = |is_ours| Sources {
            access_token: Some(access.as_object().unwrap()),
            access_token_is_ours: is_ours,
            ..Sources::default()
        };
        let told = ClaimPaths::DEFAULT.read(sources(false));
        assert_eq!((told.roles, told.permissions), (None, None));
        assert_eq!(told.organization, None);
        let told = ClaimPaths::DEFAULT.read(sources(true));
        assert_eq!(told.roles, names(["admin"]));
        let declared = ClaimPaths {
            roles: &["realm_access.roles"],
            keep: &["department"],
            ..ClaimPaths::DEFAULT
        };
        let id = set(json!({"realm_access": {"roles": ["reader"]}}));
        let both = Sources {
            id_token: Some(&id),
            ..sources(false)
        };
        assert_eq!(declared.read(both).roles, names(["reader"]));
        let told = declared.read(sources(false));
        assert_eq!(told.roles, names(["staff"]));
        assert_eq!(told.permissions, None);
        assert_eq!(told.kept.len(), 1);
    }

    #[test]
    fn a_claim_of_an_odd_type_is_left_out_and_named() {
        for odd in [json!(5), json!({"a": 1}), json!(["a", 5]), json!(true)] {
            let claims = json!({"roles": odd, "permissions": odd, "name": 5, "email": [], "picture": {}, "org_id": 7});
            let told = of_id_token(ClaimPaths::DEFAULT, claims);
            assert_eq!((told.roles, told.permissions), (None, None), "{odd}");
            assert_eq!((told.name, told.email, told.picture), (None, None, None));
            assert_eq!(told.organization, None);
            let mut left_out = told.left_out;
            left_out.sort_unstable();
            let all = ["email", "name", "org_id", "permissions", "picture", "roles"];
            assert_eq!(left_out, all);
        }
    }

    #[test]
    fn null_says_nothing() {
        let claims = json!({"roles": null, "name": null, "email": null, "org_id": null});
        let told = of_id_token(ClaimPaths::DEFAULT, claims);
        assert!(told.roles.is_none() && told.name.is_none() && told.email.is_none());
        assert_eq!(told.left_out, Vec::<&str>::new());
    }

    #[test]
    fn an_empty_name_is_none_and_the_next_one_is_taken() {
        let names = ClaimPaths {
            name: &["name", "nickname"],
            ..ClaimPaths::DEFAULT
        };
        let name = |claims| of_id_token(names, claims).name;
        let both = json!({"name": "", "nickname": "alice"});
        assert_eq!(name(both).as_deref(), Some("alice"));
        assert_eq!(name(json!({"name": ""})), None);
    }

    #[test]
    fn the_id_token_says_who_it_is_and_the_access_token_what_is_granted() {
        let (id, userinfo, access) = (
            set(json!({"name": "Ida", "roles": ["of id"], "org_id": "id"})),
            set(json!({"name": "Ulla", "email": "u@x.example", "permissions": ["of userinfo"]})),
            set(json!({"name": "Axel", "email": "a@x.example", "roles": ["of access"]})),
        );
        let told = ClaimPaths::DEFAULT.read(Sources {
            id_token: Some(&id),
            userinfo: Some(&userinfo),
            access_token: Some(&access),
            access_token_is_ours: true,
        });
        assert_eq!(told.name.as_deref(), Some("Ida"));
        assert_eq!(told.email.as_deref(), Some("u@x.example"));
        assert_eq!(told.roles, names(["of access"]));
        assert_eq!(told.permissions, names(["of userinfo"]));
        assert_eq!(told.organization.as_deref(), Some("id"));
    }

    #[test]
    fn an_email_is_verified_only_when_it_says_so() {
        let verified = |value: Value| {
            let claims = json!({"email": "a@b.example", "email_verified": value});
            of_id_token(ClaimPaths::DEFAULT, claims).email_verified == Some(true)
        };
        assert!(verified(json!(true)) && verified(json!("true")));
        for other in [
            json!(false),
            json!("false"),
            json!("yes"),
            json!(1),
            json!(null),
        ] {
            assert!(!verified(other.clone()), "{other}");
        }
    }

    #[test]
    fn only_the_email_that_was_verified_is() {
        let paths = ClaimPaths {
            email: &["mail", "email"],
            ..ClaimPaths::DEFAULT
        };
        let both =
            json!({"mail": "other@x.example", "email": "a@b.example", "email_verified": true});
        let told = of_id_token(paths, both);
        assert_eq!(told.email.as_deref(), Some("other@x.example"));
        assert_eq!(told.email_verified, None);
        let told = of_id_token(
            paths,
            json!({"email": "a@b.example", "email_verified": true}),
        );
        assert_eq!(told.email_verified, Some(true));
        // Of the address in the ID token, UserInfo's word on its own says nothing.
        let (id, userinfo) = (
            set(json!({"email": "a@b.example"})),
            set(json!({"email": "c@d.example", "email_verified": true})),
        );
        let told = ClaimPaths::DEFAULT.read(Sources {
            id_token: Some(&id),
            userinfo: Some(&userinfo),
            access_token: None,
            access_token_is_ours: true,
        });
        assert_eq!(told.email.as_deref(), Some("a@b.example"));
        assert_eq!(told.email_verified, None);
    }

    #[test]
    fn what_is_declared_is_kept_and_nothing_else() {
        let paths = ClaimPaths {
            keep: &["tid", "address.locality", "long", "none"],
            ..ClaimPaths::DEFAULT
        };
        let long = "x".repeat(MAX_KEPT);
        let claims = json!({"tid": 5, "address": {"locality": "Bonn"}, "long": long, "other": 1});
        let told = of_id_token(paths, claims);
        let kept = set(json!({"tid": 5, "address.locality": "Bonn"}));
        assert_eq!(told.kept, kept);
        assert_eq!(told.left_out, ["long"]);
    }

    #[test]
    fn what_the_scopes_promise_or_somebody_declared_is_missed() {
        let misses = |paths: ClaimPaths, claims: Value, scopes: &str| {
            let id_token = set(claims);
            let sources = Sources {
                id_token: Some(&id_token),
                ..Sources::default()
            };
            paths.misses(sources, &Scopes::parse(scopes))
        };
        let plain = ClaimPaths::DEFAULT;
        assert!(!misses(plain, json!({}), "openid"));
        assert!(misses(plain, json!({}), "openid profile"));
        assert!(misses(plain, json!({}), "openid email"));
        let whole = json!({"name": "A", "email": "a@b.example"});
        assert!(!misses(plain, whole.clone(), "openid profile email"));
        let declared = [
            ClaimPaths {
                roles: &["groups"],
                ..plain
            },
            ClaimPaths {
                permissions: &["groups"],
                ..plain
            },
            ClaimPaths {
                organization: &["groups"],
                ..plain
            },
            ClaimPaths {
                keep: &["groups"],
                ..plain
            },
        ];
        for declared in declared {
            assert!(misses(declared, whole.clone(), "openid"), "{declared:?}");
            let told = json!({"groups": "staff"});
            assert!(!misses(declared, told, "openid"), "{declared:?}");
        }
    }

    #[test]
    fn scp_counts_as_scope_where_there_is_none() {
        let read = |claims: Value| scopes(&set(claims));
        let both = Some(Scopes::parse("read write"));
        assert_eq!(read(json!({"scp": "read write"})), both);
        assert_eq!(read(json!({"scp": ["read", "write"]})), both);
        assert_eq!(read(json!({"scope": "read write", "scp": "admin"})), both);
        assert_eq!(read(json!({"scp": {"admin": true}})), None);
        assert_eq!(read(json!({"scope": 5})), None);
        let odd = set(json!({"scope": 5, "scp": ["a", 5]}));
        assert_eq!(odd_scopes(&odd).collect::<Vec<_>>(), ["scope", "scp"]);
    }
}
