//! Whom a local provider behaves like: a row for each, with what it does in a way of its own, as its
//! documentation and its users' reports have it.

use serde_json::{Map, Value, json};

use super::claims::{put, put_some};
use super::error::DevError;
use super::knobs::{ClientAuth, Knobs};
use super::params::Params;
use super::shared::{Shared, random_secret};
use super::store::{Access, Grant};
use super::user::{STANDARD, User};

/// The tenant of everybody at a provider that has tenants.
pub(super) const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// The ways of one provider.
pub(super) struct Manner {
    pub(super) name: &'static str,
    /// The path of its issuer. With tenants that of the domain, whose issuer is each tenant's.
    path: &'static str,
    pub(super) has_tenants: bool,
    /// `authsafe|x` is the user `x`.
    is_authsafe: bool,
    /// Where name and address are told.
    profile: &'static [Place],
    email_verified: Verified,
    roles: Option<Claim>,
    organization: Option<Claim>,
    access_token: AccessToken,
    /// The scopes that it has besides those of OpenID Connect.
    scopes: &'static [&'static str],
    /// The scopes of OpenID Connect that it does not have.
    lacks: &'static [&'static str],
    /// It refuses a request with a scope that it does not have.
    is_strict: bool,
    /// The scopes for which it answers by a form alone.
    form_for: &'static [&'static str],
    refresh_token: RefreshToken,
    pub(super) renewal: Renewal,
    /// What a revoked refresh token takes along.
    pub(super) reach: Reach,
    client_auth: ClientAuth,
    /// What discovery says of it.
    pub(super) offers: &'static [&'static str],
    response_iss: bool,
    end_session: bool,
    /// The parameter in which a logout has to say where to come back to.
    pub(super) logout_parameter: Option<&'static str>,
    pub(super) has_userinfo: bool,
    /// What is refused is told in AuthSafe's own form.
    pub(super) own_errors: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    IdToken,
    UserInfo,
    AccessToken,
}

/// A claim with a place and a name of the provider's own.
struct Claim {
    path: &'static [&'static str],
    at: &'static [Place],
    /// The scope that it is told for.
    scope: Option<&'static str>,
    form: Form,
}

const fn claim(
    scope: Option<&'static str>,
    path: &'static [&'static str],
    at: &'static [Place],
    form: Form,
) -> Option<Claim> {
    Some(Claim {
        path,
        at,
        scope,
        form,
    })
}

#[derive(Clone, Copy)]
enum Form {
    List,
    /// One is a text, several are a list.
    TextOrList,
    /// An object whose members they are.
    Members,
    /// The id of the organization.
    Organization,
    /// The id of the tenant.
    Tenant,
}

#[derive(Clone, Copy)]
enum Verified {
    AsItIs,
    AsText,
    Never,
}

#[derive(Clone, Copy)]
enum AccessToken {
    Opaque,
    AuthSafe,
    Authentik,
    Cognito,
    Entra,
    Keycloak,
    Okta,
}

#[derive(Clone, Copy)]
enum RefreshToken {
    /// For the scope `offline_access`.
    ForScope,
    Always,
    /// For `access_type=offline`, where the user is asked for consent: at first, and with `prompt=consent`.
    AtConsent,
}

/// What a refresh gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    /// Another refresh token; the one before is spent.
    Spent,
    /// Another one; the one before stays good.
    Another,
    /// None: the one before stays.
    Same,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Grant,
    /// All that the client was given in that session.
    Session,
    /// All that the user has given the client.
    User,
}

const ID_TOKEN: &[Place] = &[Place::IdToken];
const ACCESS_TOKEN: &[Place] = &[Place::AccessToken];
const USERINFO: &[Place] = &[Place::UserInfo];
const TOKENS: &[Place] = &[Place::IdToken, Place::AccessToken];
const EVERYWHERE: &[Place] = &[Place::IdToken, Place::UserInfo];
const BOTH: &[&str] = &["client_secret_basic", "client_secret_post"];

/// A provider as the standards have it, with no roles.
const PLAIN: Manner = Manner {
    name: "",
    path: "",
    has_tenants: false,
    is_authsafe: false,
    profile: EVERYWHERE,
    email_verified: Verified::AsItIs,
    roles: None,
    organization: None,
    access_token: AccessToken::Opaque,
    scopes: &[],
    lacks: &[],
    is_strict: false,
    form_for: &[],
    refresh_token: RefreshToken::ForScope,
    renewal: Renewal::Spent,
    reach: Reach::Grant,
    client_auth: ClientAuth::Either,
    offers: BOTH,
    response_iss: false,
    end_session: true,
    logout_parameter: None,
    has_userinfo: true,
    own_errors: false,
};

const MANNERS: &[Manner] = &[
    Manner {
        name: "authsafe",
        is_authsafe: true,
        roles: claim(Some("roles"), &["roles"], ACCESS_TOKEN, Form::TextOrList),
        organization: claim(None, &["org_id"], TOKENS, Form::Organization),
        access_token: AccessToken::AuthSafe,
        scopes: &["roles", "permissions"],
        client_auth: ClientAuth::Post,
        offers: &["client_secret_post"],
        own_errors: true,
        ..PLAIN
    },
    Manner {
        name: "keycloak",
        path: "/realms/demo",
        roles: claim(None, &["realm_access", "roles"], ACCESS_TOKEN, Form::List),
        access_token: AccessToken::Keycloak,
        scopes: &["roles", "organization"],
        is_strict: true,
        refresh_token: RefreshToken::Always,
        renewal: Renewal::Another,
        reach: Reach::Session,
        offers: &[
            "private_key_jwt",
            "client_secret_basic",
            "client_secret_post",
        ],
        response_iss: true,
        ..PLAIN
    },
    Manner {
        name: "auth0",
        path: "/",
        roles: claim(
            None,
            &["https://app.example.com/roles"],
            ID_TOKEN,
            Form::List,
        ),
        organization: claim(None, &["org_id"], ID_TOKEN, Form::Organization),
        renewal: Renewal::Same,
        reach: Reach::User,
        client_auth: ClientAuth::Post,
        offers: &[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        ..PLAIN
    },
    Manner {
        name: "okta",
        roles: claim(Some("groups"), &["groups"], ID_TOKEN, Form::List),
        access_token: AccessToken::Okta,
        scopes: &["groups"],
        is_strict: true,
        renewal: Renewal::Same,
        ..PLAIN
    },
    Manner {
        name: "entra",
        path: "/organizations/v2.0",
        has_tenants: true,
        roles: claim(None, &["roles"], ID_TOKEN, Form::List),
        organization: claim(None, &["tid"], ID_TOKEN, Form::Tenant),
        access_token: AccessToken::Entra,
        is_strict: true,
        renewal: Renewal::Another,
        offers: &[
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        ..PLAIN
    },
    Manner {
        name: "google",
        organization: claim(None, &["hd"], EVERYWHERE, Form::Organization),
        lacks: &["offline_access"],
        is_strict: true,
        refresh_token: RefreshToken::AtConsent,
        renewal: Renewal::Same,
        reach: Reach::User,
        end_session: false,
        ..PLAIN
    },
    Manner {
        name: "cognito",
        path: "/eu-west-1_Demo",
        email_verified: Verified::AsText,
        roles: claim(None, &["cognito:groups"], TOKENS, Form::List),
        access_token: AccessToken::Cognito,
        lacks: &["offline_access"],
        is_strict: true,
        refresh_token: RefreshToken::Always,
        renewal: Renewal::Same,
        logout_parameter: Some("logout_uri"),
        ..PLAIN
    },
    Manner {
        name: "apple",
        profile: ID_TOKEN,
        email_verified: Verified::AsText,
        scopes: &["name"],
        lacks: &["profile", "offline_access"],
        is_strict: true,
        form_for: &["name", "email"],
        refresh_token: RefreshToken::Always,
        renewal: Renewal::Same,
        reach: Reach::User,
        client_auth: ClientAuth::Post,
        offers: &["client_secret_post"],
        end_session: false,
        has_userinfo: false,
        ..PLAIN
    },
    Manner {
        name: "zitadel",
        profile: USERINFO,
        roles: claim(
            Some("urn:zitadel:iam:org:projects:roles"),
            &["urn:zitadel:iam:org:project:roles"],
            USERINFO,
            Form::Members,
        ),
        organization: claim(
            Some("urn:zitadel:iam:user:resourceowner"),
            &["urn:zitadel:iam:user:resourceowner:id"],
            USERINFO,
            Form::Organization,
        ),
        scopes: &[
            "urn:zitadel:iam:org:projects:roles",
            "urn:zitadel:iam:user:resourceowner",
        ],
        ..PLAIN
    },
    Manner {
        name: "authelia",
        profile: USERINFO,
        roles: claim(Some("groups"), &["groups"], USERINFO, Form::List),
        scopes: &["groups"],
        is_strict: true,
        client_auth: ClientAuth::Basic,
        response_iss: true,
        end_session: false,
        ..PLAIN
    },
    Manner {
        name: "authentik",
        path: "/application/o/demo/",
        email_verified: Verified::Never,
        roles: claim(
            Some("profile"),
            &["groups"],
            &[Place::IdToken, Place::UserInfo, Place::AccessToken],
            Form::List,
        ),
        access_token: AccessToken::Authentik,
        ..PLAIN
    },
    Manner {
        name: "gitlab",
        roles: claim(None, &["groups_direct"], ID_TOKEN, Form::List),
        lacks: &["offline_access"],
        is_strict: true,
        refresh_token: RefreshToken::Always,
        end_session: false,
        ..PLAIN
    },
];

/// An error of the authorization endpoint, with its description.
type Refusal = (&'static str, &'static str);

impl Manner {
    /// Returns the ways of the provider with this name.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        MANNERS.iter().find(|manner| manner.name == name)
    }

    pub(super) fn names() -> String {
        let names: Vec<_> = MANNERS.iter().map(|manner| manner.name).collect();
        names.join(", ")
    }

    pub(super) fn knobs(&self) -> Knobs {
        Knobs {
            client_auth: self.client_auth,
            rotate_refresh_tokens: self.renewal == Renewal::Spent,
            response_iss: self.response_iss,
            end_session: self.end_session,
            ..Knobs::default()
        }
    }

    /// Returns what `domain` is to be, below an origin.
    pub(super) fn domain(&self, origin: &str) -> String {
        format!("{origin}{}", self.path)
    }

    /// Returns the issuer that tokens name.
    pub(super) fn issuer(&self, origin: &str) -> String {
        match self.has_tenants {
            true => format!("{origin}/{TENANT}/v2.0"),
            false => self.domain(origin),
        }
    }

    /// Returns the issuer that the discovery document names.
    pub(super) fn told_issuer(&self, origin: &str) -> String {
        match self.has_tenants {
            true => format!("{origin}/{{tenantid}}/v2.0"),
            false => self.domain(origin),
        }
    }

    pub(super) fn sub(&self, user: &User) -> String {
        match self.is_authsafe {
            true => user.sub(),
            false => user.id.clone(),
        }
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = &'static str> {
        let standard = STANDARD.into_iter();
        let standard = standard.filter(|scope| !self.lacks.contains(scope));
        standard.chain(self.scopes.iter().copied())
    }

    /// Returns why a request is refused, if it is.
    pub(super) fn refusal(&self, shared: &Shared, params: &Params) -> Option<Refusal> {
        let requested = params.get("scope").unwrap_or_default();
        let of_users = |scope: &str| {
            let mut users = shared.users.iter();
            users.any(|user| user.scopes.iter().any(|it| it == scope))
        };
        let mut requested = requested.split_ascii_whitespace();
        let is_by_form = params.get("response_mode") == Some("form_post");
        requested.find_map(|scope| {
            if self.is_strict && !self.scopes().any(|it| it == scope) && !of_users(scope) {
                return Some(("invalid_scope", "Some requested scopes were invalid."));
            }
            let wants_form = !is_by_form && self.form_for.contains(&scope);
            wants_form.then_some((
                "invalid_request",
                "response_mode must be form_post when name or email scope is requested.",
            ))
        })
    }

    /// Returns whether a sign-in gives a refresh token.
    pub(super) fn gives_refresh_token(
        &self,
        scopes: &[String],
        params: &Params,
        is_first: bool,
    ) -> bool {
        let has = |name, word| {
            params
                .get(name)
                .is_some_and(|it| it.split(' ').any(|it| it == word))
        };
        match self.refresh_token {
            RefreshToken::Always => true,
            RefreshToken::ForScope => scopes.iter().any(|it| it == "offline_access"),
            RefreshToken::AtConsent => {
                has("access_type", "offline") && (is_first || has("prompt", "consent"))
            }
        }
    }

    /// Returns what is told of a user in one place, for these scopes.
    pub(super) fn told(&self, user: &User, scopes: &[String], place: Place) -> Map<String, Value> {
        let has = |scope: &str| scopes.iter().any(|it| it == scope);
        let mut claims = Map::new();
        put(&mut claims, "sub", self.sub(user));
        let tells = |at: &[Place]| at.contains(&place);
        if tells(self.profile) && has("profile") {
            put_some(&mut claims, "name", user.name.as_ref());
            put_some(&mut claims, "picture", user.picture.as_ref());
        }
        if tells(self.profile) && has("email") && user.email.is_some() {
            put_some(&mut claims, "email", user.email.as_ref());
            let verified = match self.email_verified {
                Verified::AsItIs => json!(user.email_verified),
                Verified::AsText => json!(user.email_verified.to_string()),
                Verified::Never => json!(false),
            };
            put(&mut claims, "email_verified", verified);
        }
        for claim in self.roles.iter().chain(&self.organization) {
            if tells(claim.at) && claim.scope.is_none_or(has) {
                claim.put(&mut claims, user);
            }
        }
        if self.is_authsafe && place == Place::AccessToken && has("permissions") {
            put(&mut claims, "permissions", &user.permissions);
        }
        if self.has_tenants && place == Place::IdToken {
            put(&mut claims, "oid", format!("oid-of-{}", user.id));
        }
        claims
    }

    /// Returns the header and the claims of an access token. `None`: it is opaque. One that nobody but an
    /// API can verify has a signature that is wrong, or a key that is not published.
    pub(super) fn access_token(
        &self,
        shared: &Shared,
        grant: &Grant,
        access: &Access,
    ) -> Result<Option<ApiToken>, DevError> {
        let user = &shared.users[grant.user];
        let mut claims = self.told(user, &access.scopes, Place::AccessToken);
        put(&mut claims, "iss", &shared.iss);
        put(&mut claims, "iat", access.issued_at);
        put(&mut claims, "exp", access.expires_at);
        put(&mut claims, "jti", random_secret()?);
        let scope = access.scopes.join(" ");
        let mut token = ApiToken::default();
        match self.access_token {
            AccessToken::Opaque => return Ok(None),
            AccessToken::AuthSafe => {
                put(&mut claims, "aud", &access.audience);
                put(&mut claims, "scope", scope);
            }
            AccessToken::Keycloak => {
                put(&mut claims, "aud", "account");
                put(&mut claims, "azp", &grant.client_id);
                put(&mut claims, "typ", "Bearer");
                put(&mut claims, "sid", &grant.sid);
                put(&mut claims, "scope", scope);
            }
            AccessToken::Okta => {
                let login = user.email.as_ref().unwrap_or(&user.id);
                put(&mut claims, "aud", &shared.iss);
                put(&mut claims, "sub", login);
                put(&mut claims, "cid", &grant.client_id);
                put(&mut claims, "scp", &access.scopes);
                token.kid = Some("of-the-org-alone");
            }
            AccessToken::Entra => {
                put(&mut claims, "aud", "00000003-0000-0000-c000-000000000000");
                put(
                    &mut claims,
                    "iss",
                    format!("https://sts.windows.net/{TENANT}/"),
                );
                put(&mut claims, "sub", format!("graph-{}", user.id));
                put(&mut claims, "appid", &grant.client_id);
                put(&mut claims, "tid", TENANT);
                put(&mut claims, "scp", scope);
                token.nonce = Some(random_secret()?);
            }
            AccessToken::Cognito => {
                put(&mut claims, "client_id", &grant.client_id);
                put(&mut claims, "token_use", "access");
                put(&mut claims, "username", &user.id);
                put(&mut claims, "scope", scope);
            }
            AccessToken::Authentik => {
                put(&mut claims, "aud", &grant.client_id);
                put(&mut claims, "azp", &grant.client_id);
                put(&mut claims, "scope", scope);
            }
        }
        token.claims = claims;
        Ok(Some(token))
    }
}

/// An access token before it is signed.
#[derive(Default)]
pub(super) struct ApiToken {
    pub(super) claims: Map<String, Value>,
    /// The name of a key that is not published.
    kid: Option<&'static str>,
    /// A member of the header whose hash was signed in its place: the signature is wrong.
    nonce: Option<String>,
}

impl ApiToken {
    pub(super) fn header(&self, mut header: Map<String, Value>) -> Map<String, Value> {
        put(&mut header, "typ", "JWT");
        put_some(&mut header, "kid", self.kid);
        put_some(&mut header, "nonce", self.nonce.as_ref());
        header
    }

    pub(super) fn is_corrupt(&self) -> bool {
        self.nonce.is_some()
    }
}

impl Claim {
    fn put(&self, claims: &mut Map<String, Value>, user: &User) {
        let value = match self.form {
            Form::List => json!(user.roles),
            Form::TextOrList => match &*user.roles {
                [one] => json!(one),
                several => json!(several),
            },
            Form::Members => {
                let organization = user.org_id.as_deref().unwrap_or("1");
                let of = json!({ organization: "demo.localhost" });
                user.roles
                    .iter()
                    .map(|role| (role.clone(), of.clone()))
                    .collect()
            }
            Form::Organization => match &user.org_id {
                Some(id) => json!(id),
                None => return,
            },
            Form::Tenant => json!(TENANT),
        };
        let [outer @ .., last] = self.path else {
            return;
        };
        let (name, value) = outer
            .iter()
            .rev()
            .fold((*last, value), |(name, value), outer| {
                (*outer, json!({ name: value }))
            });
        put(claims, name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, scopes: &[&str], place: Place) -> Value {
        let user = User::new("alice")
            .name("Alice")
            .roles(["admin"])
            .org_id("o");
        let scopes: Vec<String> = scopes.iter().map(|&it| it.to_owned()).collect();
        let told = Manner::of(name).unwrap().told(&user, &scopes, place);
        Value::Object(told)
    }

    #[test]
    fn roles_are_where_each_has_them() {
        let at_keycloak = told("keycloak", &[], Place::AccessToken);
        assert_eq!(at_keycloak["realm_access"], json!({ "roles": ["admin"] }));
        assert_eq!(
            told("keycloak", &[], Place::IdToken),
            json!({ "sub": "alice" })
        );
        let scope = "urn:zitadel:iam:org:projects:roles";
        let at_zitadel = told("zitadel", &[scope], Place::UserInfo);
        let roles = &at_zitadel["urn:zitadel:iam:org:project:roles"];
        assert_eq!(roles["admin"], json!({ "o": "demo.localhost" }));
        assert_eq!(
            told("zitadel", &[], Place::UserInfo),
            json!({ "sub": "alice" })
        );
        let at_authsafe = told("authsafe", &["roles"], Place::AccessToken);
        assert_eq!(at_authsafe["roles"], json!("admin"));
        assert_eq!(at_authsafe["sub"], json!("authsafe|alice"));
    }

    #[test]
    fn the_issuer_has_the_form_of_each() {
        let forms = |name| {
            let manner = Manner::of(name).unwrap();
            [
                manner.domain("o"),
                manner.issuer("o"),
                manner.told_issuer("o"),
            ]
        };
        let tenant = format!("o/{TENANT}/v2.0");
        let expected = ["o/organizations/v2.0", &tenant, "o/{tenantid}/v2.0"];
        assert_eq!(forms("entra"), expected);
        assert_eq!(forms("auth0"), ["o/", "o/", "o/"]);
        assert_eq!(forms("google"), ["o", "o", "o"]);
    }
}
