//! The providers that are known by name: what each row sets. The table in `docs/routes.md` says the same, row by row, and
//! why.

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
        ..PLAIN
    },
    Preset {
        name: "keycloak",
        title: "Keycloak",
        claims: &[("roles", "realm_access.roles")],
        forward: &["kc_idp_hint"],
        refresh_token: For::All,
        ..PLAIN
    },
    Preset {
        name: "auth0",
        title: "Auth0",
        forward: &["organization", "invitation", "connection"],
        ..PLAIN
    },
    Preset {
        name: "okta",
        title: "Okta",
        scopes: &["openid", "email", "profile", "groups"],
        claims: &[("roles", "groups")],
        forward: &["idp"],
        by_scope: &[("roles", "groups")],
        ..PLAIN
    },
    Preset {
        name: "entra",
        title: "Entra",
        claims: &[("organization", "tid")],
        forward: &["domain_hint"],
        tenants: true,
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
        ..PLAIN
    },
    Preset {
        name: "authelia",
        title: "Authelia",
        scopes: &["openid", "email", "profile", "groups"],
        claims: &[("roles", "groups")],
        by_scope: &[("roles", "groups")],
        ..PLAIN
    },
    Preset {
        name: "authentik",
        title: "authentik",
        claims: &[("roles", "groups")],
        ..PLAIN
    },
    Preset {
        name: "gitlab",
        title: "GitLab",
        takes: Takes::AnyBut("offline_access"),
        refresh_token: For::All,
        ..PLAIN
    },
];
