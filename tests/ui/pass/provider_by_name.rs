#[authsafe::routes(provider = "authsafe")]
mod at_authsafe {}

#[authsafe::routes(provider = "keycloak")]
mod at_keycloak {}

#[authsafe::routes(provider = "auth0")]
mod at_auth0 {}

#[authsafe::routes(provider = "okta")]
mod at_okta {}

#[authsafe::routes(provider = "entra")]
mod at_entra {}

#[authsafe::routes(provider = "google")]
mod at_google {}

#[authsafe::routes(provider = "cognito")]
mod at_cognito {}

#[authsafe::routes(provider = "apple")]
mod at_apple {}

#[authsafe::routes(provider = "zitadel")]
mod at_zitadel {}

#[authsafe::routes(provider = "authelia")]
mod at_authelia {}

#[authsafe::routes(provider = "authentik")]
mod at_authentik {}

#[authsafe::routes(provider = "gitlab")]
mod at_gitlab {}

#[authsafe::routes(
    provider("keycloak", timeout = "10s", leeway = "2m"),
    scopes("openid", "profile", "offline_access"),
    claims(roles("realm_access.roles", "groups")),
    session(auto_refresh),
)]
mod with_times {}

#[authsafe::routes(provider("okta"), roles("admin"), landing(role("admin") => "/admin", _ => "/"))]
mod with_roles {}

#[authsafe::routes(
    provider = "okta",
    domain = "https://example.okta.com/oauth2/default",
    scopes("openid", "profile", "offline_access"),
    claims(roles = "groups"),
    roles("admin"),
)]
mod custom_authorization_server {}

#[authsafe::routes(provider = "entra", tenants("11111111-2222-3333-4444-555555555555"), keep("oid"), logout = "local")]
mod of_tenants {}

#[authsafe::routes(
    provider = "google",
    authorize(prompt = "consent", access_type = "online"),
    forward("hd", "include_granted_scopes"),
    logout = "provider",
    endpoints(end_session = "https://example.com/signed-out"),
    revoke_at_logout,
    session(auto_refresh),
)]
mod other_ways {}

#[authsafe::routes(provider = "apple", scopes("openid"), response_mode = "query")]
mod without_a_form {}

#[authsafe::routes(provider = "apple", userinfo = "always", endpoints(userinfo = "https://example.com/me"))]
mod with_an_endpoint {}

#[authsafe::routes(provider = "cognito", logout(return_parameter = "logout_uri"), session(auto_refresh))]
mod as_it_is {}

macro_rules! by_name {
    ($name:literal) => {
        #[authsafe::routes(provider($name, timeout = "10s"))]
        mod passed_on {}
    };
}
by_name!("zitadel");

#[authsafe::routes(provider = "zitadel", protect("/admin/**" => scope("urn:zitadel:iam:org:projects:roles")))]
mod scopes_of_the_row {}

fn main() {
    drop(at_google::from_env());
    drop(with_times::from_env());
    drop(passed_on::from_env());
    let _ = at_zitadel::scopes::URN_ZITADEL_IAM_ORG_PROJECTS_ROLES;
}
