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
        why: "The access token has roles and permissions if you ask for the scopes of these names. On a domain \
              of yours, the fixed paths and both spellings of `sub` are those of `authsafe.in`.",
        ..PLAIN
    },
    Preset {
        name: "keycloak",
        title: "Keycloak",
        claims: &[("roles", "realm_access.roles")],
        forward: &["kc_idp_hint"],
        refresh_token: For::All,
        why: "The client scope `roles` is on by default. It writes the realm roles of a user there, into the \
              access token. `kc_idp_hint` chooses the identity provider (Server Administration Guide). A refresh \
              token comes without `offline_access`. That scope asks for a refresh token that lives longer than \
              the session at Keycloak.",
        ..PLAIN
    },
    Preset {
        name: "auth0",
        title: "Auth0",
        forward: &["organization", "invitation", "connection"],
        why: "The link of an invitation opens the app with `invitation` and `organization`, and the app has to \
              pass them on (Invite Organization Members). `connection` chooses the connection to sign in with \
              (Authorization API). Roles are a claim that an Action of yours writes. The name of the claim is a \
              URL (Create Custom Claims): write `claims(roles = \"https://app.example.com/roles\")`. A logout \
              goes to Auth0 if *RP-Initiated Logout End Session Endpoint Discovery* is on, the default since \
              November 2023 (Log Users Out of Auth0). A revoked refresh token also revokes all others of the \
              user at the app, unless the tenant says otherwise.",
        ..PLAIN
    },
    Preset {
        name: "okta",
        title: "Okta",
        scopes: &["openid", "email", "profile", "groups"],
        claims: &[("roles", "groups")],
        forward: &["idp"],
        by_scope: &[("roles", "groups")],
        why: "The org authorization server puts groups into the ID token, for the scope `groups` (Customize \
              tokens with a groups claim). `idp` chooses the identity provider. A custom authorization server \
              (`/oauth2/default`) refuses that scope until you add it. There, write `scopes(...)` and \
              `claims(roles = \"groups\")`.",
        ..PLAIN
    },
    Preset {
        name: "entra",
        title: "Entra",
        claims: &[("organization", "tid")],
        forward: &["domain_hint"],
        tenants: true,
        why: "`tid` is the tenant of the user (ID token claims reference). `domain_hint` skips the page that \
              asks for it. App roles are in `roles`, the default. A domain with `organizations` or `common` in \
              it needs `tenants(...)`. `keep(\"oid\")` keeps the id of the user, the same in all apps. `sub` is \
              different in each app.",
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
        why: "`access_type=offline` asks for a refresh token. `offline_access` is refused (Using OAuth 2.0 for \
              Web Server Applications). A refresh token comes only at the first consent: `authorize(prompt = \
              \"consent\")` asks each time. `hd` is the Workspace domain of the user, and the domain to ask for \
              (OpenID Connect). There is no end-session endpoint. A revoked token ends all that the user has \
              given the app, on all devices.",
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
        why: "The groups of a user are in `cognito:groups` (Understanding the identity token). The logout \
              endpoint needs `client_id` and `logout_uri` (Logout endpoint). If the discovery document does not \
              name it, write `endpoints(end_session = \"https://.../logout\")`. `identity_provider` chooses the \
              identity provider (Authorize endpoint). A refresh token comes with each sign-in. `offline_access` \
              is refused.",
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
        why: "If you ask for `name` or `email`, the answer has to be a form (Request an authorization to the \
              Sign in with Apple server). No token has the name. There is no UserInfo and no end-session \
              endpoint. A revoked token ends all that the user has given the app, as if the account were deleted \
              (Revoke tokens). The client secret is a JWT. You sign it with ES256, and renew it every six months \
              (Creating a client secret).",
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
        why: "These scopes ask for these claims (Scopes, Claims). Roles are the members of an object. They are \
              at UserInfo, unless the app has *User roles inside ID Token*. The roles of the app's own project \
              come if the app has *Assert Roles on Authentication*. The roles of another project come for the \
              scope `urn:zitadel:iam:org:project:id:{id}:aud`.",
        ..PLAIN
    },
    Preset {
        name: "authelia",
        title: "Authelia",
        scopes: &["openid", "email", "profile", "groups"],
        claims: &[("roles", "groups")],
        by_scope: &[("roles", "groups")],
        why: "Groups come for the scope `groups`. The claims of scopes are at UserInfo, not in the ID token \
              (OpenID Connect 1.0 Claims). `userinfo = \"auto\"` asks there. There is no end-session endpoint \
              yet.",
        ..PLAIN
    },
    Preset {
        name: "authentik",
        title: "authentik",
        claims: &[("roles", "groups")],
        why: "The default mapping of the scope `profile` has `groups` (Default scopes). The mapping of `email` \
              says of no address that it is verified. Refresh tokens need the scope `offline_access` since \
              2024.2: add it to the provider.",
        ..PLAIN
    },
    Preset {
        name: "gitlab",
        title: "GitLab",
        takes: Takes::AnyBut("offline_access"),
        refresh_token: For::All,
        why: "There are no roles, and none is set. `groups_direct` in the ID token has the paths of the groups \
              that a user is a direct member of (GitLab as OpenID Connect identity provider). Anybody may create \
              a group with a free name. Write `claims(roles = \"groups_direct\")`, and ask for paths below a \
              group of your own, such as `role(\"acme/admins\")`. A refresh token comes with each sign-in. \
              `offline_access` is refused.",
        ..PLAIN
    },
];
