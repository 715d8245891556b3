//! The providers that are known by name: what each row sets, and why. The table in `docs/routes.md` says
//! the same, row by row.

/// What `provider = "..."` sets. Nothing and `None`: what the key has by itself.
pub(super) struct Preset {
    pub(super) name: &'static str,
    /// The name in sentences.
    pub(super) title: &'static str,
    pub(super) scopes: &'static [&'static str],
    pub(super) claims: &'static [(&'static str, &'static str)],
    pub(super) authorize: &'static [(&'static str, &'static str)],
    pub(super) forward: &'static [&'static str],
    pub(super) form_post: bool,
    pub(super) logout: Option<Out>,
    pub(super) revoke_at_logout: Option<bool>,
    pub(super) asks_no_userinfo: bool,
    /// It is AuthSafe: `endpoints(authsafe)`.
    pub(super) authsafe: bool,
    /// The reasons, by the provider's documentation.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the documentation is compared with it")
    )]
    pub(super) why: &'static str,

    // What contradicts it.
    pub(super) takes: Takes,
    pub(super) refresh_token: For,
    /// The claims that it tells for a scope alone, each with the scope.
    pub(super) by_scope: &'static [(&'static str, &'static str)],
    /// The scopes for which it answers by a form alone.
    pub(super) form_for: &'static [&'static str],
    /// It has an issuer for each tenant.
    pub(super) tenants: bool,
}

/// Where a logout goes.
#[derive(Clone, Copy)]
pub(super) enum Out {
    /// There is no end-session endpoint.
    Local,
    /// To one that wants the address to come back to in this parameter.
    By(&'static str),
}

/// Which scopes may be asked for.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    Any,
    AnyBut(&'static str),
    Only(&'static [&'static str]),
}

/// What a refresh token is given for.
#[derive(Clone, Copy)]
pub(super) enum For {
    OfflineAccess,
    /// Whoever signs in.
    All,
    Parameter(&'static str),
}

const PLAIN: Preset = Preset {
    name: "",
    title: "",
    scopes: &[],
    claims: &[],
    authorize: &[],
    forward: &[],
    form_post: false,
    logout: None,
    revoke_at_logout: None,
    asks_no_userinfo: false,
    authsafe: false,
    why: "",
    takes: Takes::Any,
    refresh_token: For::OfflineAccess,
    by_scope: &[],
    form_for: &[],
    tenants: false,
};

pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: "authsafe",
        title: "AuthSafe",
        scopes: &["openid", "email", "profile", "roles", "permissions"],
        authsafe: true,
        by_scope: &[("roles", "roles"), ("permissions", "permissions")],
        why: "Roles and permissions are in the access token for the scopes of these names. \
              On a domain of yours the fixed paths and both spellings of `sub` hold as on `authsafe.in`.",
        ..PLAIN
    },
    Preset {
        name: "keycloak",
        title: "Keycloak",
        claims: &[("roles", "realm_access.roles")],
        forward: &["kc_idp_hint"],
        refresh_token: For::All,
        why: "The client scope `roles`, which is on by default, writes a user's realm roles there, into the access token; \
              `kc_idp_hint` names the identity provider to go on to (Server Administration Guide). \
              A refresh token comes without `offline_access`, which asks for one that outlives the session there.",
        ..PLAIN
    },
    Preset {
        name: "auth0",
        title: "Auth0",
        forward: &["organization", "invitation", "connection"],
        why: "The link of an invitation opens the app with `invitation` and `organization`, which are to be passed on \
              (Invite Organization Members); `connection` names the one to sign in with (Authorization API). \
              Roles are a claim that an Action of yours writes, whose name is a URL (Create Custom Claims): say where, \
              `claims(roles = \"https://app.example.com/roles\")`. A logout goes there where *RP-Initiated Logout End Session \
              Endpoint Discovery* is on, which it is since November 2023 (Log Users Out of Auth0). A revoked refresh token takes all of \
              the user's at the app along, unless the tenant says otherwise.",
        ..PLAIN
    },
    Preset {
        name: "okta",
        title: "Okta",
        scopes: &["openid", "email", "profile", "groups"],
        claims: &[("roles", "groups")],
        forward: &["idp"],
        by_scope: &[("roles", "groups")],
        why: "The org authorization server tells groups in the ID token, for the scope `groups` \
              (Customize tokens with a groups claim); `idp` names the identity provider to go on to. \
              A custom authorization server (`/oauth2/default`) refuses that scope until you add it: write `scopes(...)` and \
              `claims(roles = \"groups\")` there.",
        ..PLAIN
    },
    Preset {
        name: "entra",
        title: "Entra",
        claims: &[("organization", "tid")],
        forward: &["domain_hint"],
        tenants: true,
        why: "`tid` is the tenant that the user is of (ID token claims reference); `domain_hint` skips the page that asks for it. \
              App roles are in `roles`, which is read without. A domain with `organizations` or `common` in it needs \
              `tenants(...)`. `keep(\"oid\")` keeps the id that a user has in all apps: `sub` is another one in each.",
        ..PLAIN
    },
    Preset {
        name: "google",
        title: "Google",
        claims: &[("organization", "hd")],
        authorize: &[("access_type", "offline")],
        forward: &["hd"],
        logout: Some(Out::Local),
        revoke_at_logout: Some(false),
        takes: Takes::AnyBut("offline_access"),
        refresh_token: For::Parameter("access_type = \"offline\""),
        why: "A refresh token is given for `access_type=offline`, and `offline_access` is refused \
              (Using OAuth 2.0 for Web Server Applications). It is given at the first consent alone: \
              `authorize(prompt = \"consent\")` asks each time. `hd` is the user's Workspace domain, and the one to ask for \
              (OpenID Connect). There is no end-session endpoint. A revoked token ends what the user has given the app, on all devices.",
        ..PLAIN
    },
    Preset {
        name: "cognito",
        title: "Cognito",
        claims: &[("roles", "cognito:groups")],
        forward: &["identity_provider"],
        logout: Some(Out::By("logout_uri")),
        takes: Takes::AnyBut("offline_access"),
        refresh_token: For::All,
        why: "A user's groups are in `cognito:groups` (Understanding the identity token). The logout endpoint wants \
              `client_id` and `logout_uri` (Logout endpoint); where the discovery document does not name it, write \
              `endpoints(end_session = \"https://.../logout\")`. `identity_provider` names the one to go on to \
              (Authorize endpoint). A refresh token comes with each sign-in, and `offline_access` is refused.",
        ..PLAIN
    },
    Preset {
        name: "apple",
        title: "Apple",
        scopes: &["openid", "email"],
        form_post: true,
        logout: Some(Out::Local),
        revoke_at_logout: Some(false),
        asks_no_userinfo: true,
        takes: Takes::Only(&["openid", "email", "name"]),
        refresh_token: For::All,
        form_for: &["email", "name"],
        why: "The answer has to be a form where `name` or `email` is asked for (Request an authorization to the Sign in with \
              Apple server). The name is in no token. There is no UserInfo and no end-session endpoint. A revoked token \
              ends what the user has given the app, as at the deletion of an account (Revoke tokens). The client secret is a JWT \
              that you sign with ES256 and renew every six months (Creating a client secret).",
        ..PLAIN
    },
    Preset {
        name: "zitadel",
        title: "Zitadel",
        scopes: &[
            "openid",
            "email",
            "profile",
            "urn:zitadel:iam:org:projects:roles",
            "urn:zitadel:iam:user:resourceowner",
        ],
        claims: &[
            ("roles", "urn:zitadel:iam:org:project:roles"),
            ("organization", "urn:zitadel:iam:user:resourceowner:id"),
        ],
        why: "These scopes ask for these claims (Scopes, Claims); roles are the members of an object, and at UserInfo unless the \
              app has *User roles inside ID Token*. Those of the app's own project come where it has *Assert Roles on \
              Authentication*; of others for the scope `urn:zitadel:iam:org:project:id:{id}:aud`.",
        ..PLAIN
    },
    Preset {
        name: "authelia",
        title: "Authelia",
        scopes: &["openid", "email", "profile", "groups"],
        claims: &[("roles", "groups")],
        by_scope: &[("roles", "groups")],
        why: "Groups come for the scope `groups`. What scopes grant is at UserInfo, and not in the ID token \
              (OpenID Connect 1.0 Claims); `userinfo = \"auto\"` asks there. There is no end-session endpoint yet.",
        ..PLAIN
    },
    Preset {
        name: "authentik",
        title: "authentik",
        claims: &[("roles", "groups")],
        why: "The default mapping of the scope `profile` has `groups` (Default scopes); that of `email` calls no address \
              verified. The scope `offline_access`, which refresh tokens need since 2024.2, has to be added to the provider.",
        ..PLAIN
    },
    Preset {
        name: "gitlab",
        title: "GitLab",
        takes: Takes::AnyBut("offline_access"),
        refresh_token: For::All,
        why: "There are no roles, and none is set: `groups_direct`, in the ID token, has the paths of the groups that a \
              user is a direct member of (GitLab as OpenID Connect identity provider), and anybody may found a group of \
              a free name. Write `claims(roles = \"groups_direct\")`, and ask for paths below a group of your own, as \
              `role(\"acme/admins\")`. A refresh token comes with each sign-in, and `offline_access` is refused.",
        ..PLAIN
    },
];
