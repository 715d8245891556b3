//! Providers that `provider = "..."` knows, told by where they are.

use crate::protocol::discovery::Metadata;
use crate::types::Issuer;

/// Returns the name of the provider that is there, where its addresses tell.
pub(super) fn name(domain: &Issuer, metadata: &Metadata) -> Option<&'static str> {
    let rest = domain.as_str().split_once("://")?.1;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_below = |name: &str| host == name || host.ends_with(&format!(".{name}"));
    let authorization = metadata.authorization.path();
    let asks_at = |end: &str| authorization.ends_with(end);
    let is_okta = is_below("okta.com") || is_below("oktapreview.com");
    let is_cognito = host.starts_with("cognito-idp.") && is_below("amazonaws.com");
    let is_keycloak =
        asks_at("/protocol/openid-connect/auth") && authorization.contains("/realms/");
    let known = [
        ("google", host == "accounts.google.com"),
        ("apple", host == "appleid.apple.com"),
        ("gitlab", host == "gitlab.com"),
        ("entra", host == "login.microsoftonline.com"),
        ("auth0", is_below("auth0.com")),
        // A custom authorization server has other scopes.
        ("okta", path.is_empty() && is_okta),
        ("cognito", is_cognito),
        ("zitadel", is_below("zitadel.cloud")),
        ("keycloak", is_keycloak),
        ("authentik", asks_at("/application/o/authorize/")),
        ("authelia", asks_at("/api/oidc/authorization")),
    ];
    let found = known.into_iter().find(|(_, is_it)| *is_it);
    found.map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::discovery::{Asked, Overrides};
    use crate::types::{Http, Tenants};
    use serde_json::json;

    fn at(domain: &str, authorization: &str) -> Option<&'static str> {
        let document = json!({
            "issuer": domain,
            "authorization_endpoint": authorization,
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/jwks",
        });
        let issuer = Issuer::parse(domain).unwrap();
        let asked = Asked {
            issuer: &issuer,
            by_hand: &Overrides::default(),
            tenants: Tenants::One,
            algorithms: None,
            http: Http::OnLoopback,
        };
        let metadata = Metadata::check(document.as_object().unwrap(), asked).unwrap();
        name(&issuer, &metadata)
    }

    #[test]
    fn a_provider_is_known_by_its_host_or_by_its_paths() {
        let of_host = |domain| at(domain, "https://id.example/authorize");
        for (domain, name) in [
            ("https://accounts.google.com", Some("google")),
            ("https://shop.eu.auth0.com", Some("auth0")),
            ("https://shop.okta.com", Some("okta")),
            ("https://shop.okta.com/oauth2/default", None),
            (
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a",
                Some("cognito"),
            ),
            ("https://login.microsoftonline.com/t/v2.0", Some("entra")),
            ("https://notauth0.com", None),
            ("https://auth0.com.example", None),
        ] {
            assert_eq!(of_host(domain), name, "{domain}");
        }
        let realm = "https://id.example/realms/shop";
        let keycloak = format!("{realm}/protocol/openid-connect/auth");
        assert_eq!(at(realm, &keycloak), Some("keycloak"));
    }
}
