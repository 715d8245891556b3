//! The metadata of a protected resource (RFC 9728): which provider's tokens this app takes.

use serde::Serialize;
use url::Url;

use super::client::ClientRegistration;
use crate::types::{is_openid_scope, web_url};

/// The part between the host and the path of the resource (RFC 9728 §3.1).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Returns the URL of an audience's metadata. `None`: the audience is no https URL (http on the
/// loopback), or its path has characters that routers take for their own.
pub(crate) fn metadata_url(audience: &str) -> Option<Url> {
    let mut url = web_url(audience).ok()?;
    // A slash after the host, and nothing after it, is not of the path (§3.1).
    let path = Some(url.path())
        .filter(|path| *path != "/")
        .unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if !path.bytes().all(is_plain) || path.contains("//") {
        return None;
    }
    let path = format!("{WELL_KNOWN}{path}");
    url.set_path(&path);
    Some(url)
}

/// The document (§2).
#[derive(Debug, Serialize)]
pub(crate) struct Metadata<'a> {
    resource: &'a str,
    authorization_servers: [&'a str; 1],
    /// The API's own scopes; left out where there are none (§3.2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'static str; 1],
}

impl<'a> Metadata<'a> {
    /// Makes the document. Its scopes are those of sign-in but for OpenID Connect's own, which are about
    /// ID tokens and not about this resource.
    pub(crate) fn new(audience: &'a str, client: &'a ClientRegistration) -> Self {
        let scopes = client.scopes.iter().map(String::as_str);
        Self {
            resource: audience,
            authorization_servers: [client.issuer.as_str()],
            scopes_supported: scopes.filter(|it| !is_openid_scope(it)).collect(),
            bearer_methods_supported: ["header"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::client;
    use super::*;
    use crate::types::Scopes;

    #[test]
    fn the_well_known_part_stands_between_host_and_path() {
        for (audience, url) in [
            (
                "https://api.example",
                "https://api.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example/",
                "https://api.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example/v1",
                "https://api.example/.well-known/oauth-protected-resource/v1",
            ),
            (
                "https://api.example:8443/a/b/",
                "https://api.example:8443/.well-known/oauth-protected-resource/a/b/",
            ),
            (
                "http://localhost:3000",
                "http://localhost:3000/.well-known/oauth-protected-resource",
            ),
        ] {
            assert_eq!(metadata_url(audience).unwrap().as_str(), url);
        }
    }

    #[test]
    fn an_audience_that_is_no_plain_url_has_none() {
        for audience in [
            "app",
            "api://app",
            "urn:example:api",
            "http://api.example",
            "https://api.example?x=1",
            "https://api.example#x",
            "https://u@api.example",
            "https://api.example/{id}",
            "https://api.example/:id",
            "https://api.example/*",
            "https://api.example/a//b",
            "https://api.example/%41",
        ] {
            assert_eq!(metadata_url(audience), None, "{audience}");
        }
    }

    #[test]
    fn the_document_names_the_scopes_that_are_the_apis_own() {
        let document = |scopes: &str| {
            let mut client = client("app", "https://id.example");
            client.scopes = Scopes::parse(scopes);
            serde_json::to_string(&Metadata::new("https://api.example", &client)).unwrap()
        };
        assert_eq!(
            document("openid email offline_access read admin"),
            r#"{"resource":"https://api.example","authorization_servers":["https://id.example"],"scopes_supported":["read","admin"],"bearer_methods_supported":["header"]}"#
        );
        assert!(!document("openid").contains("scopes_supported"));
    }
}
