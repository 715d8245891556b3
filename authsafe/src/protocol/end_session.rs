//! RP-initiated logout (OpenID Connect RP-Initiated Logout §2).

use url::Url;

use super::client::ClientRegistration;

/// Returns the URL that ends the provider's own session and comes back to the app, with the `state`
/// that it was given, if any.
pub(crate) fn request(
    endpoint: &Url,
    client: &ClientRegistration,
    id_token_hint: Option<&str>,
    post_logout_redirect_uri: &str,
    state: Option<&str>,
) -> Url {
    let mut url = endpoint.clone();
    let mut query = url.query_pairs_mut();
    if let Some(hint) = id_token_hint {
        query.append_pair("id_token_hint", hint);
    }
    query
        .append_pair("client_id", &client.id)
        .append_pair("post_logout_redirect_uri", post_logout_redirect_uri);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    drop(query);
    url
}

#[cfg(test)]
mod tests {
    use super::super::testing::client;
    use super::*;

    #[test]
    fn it_says_who_signs_out_and_where_to_come_back() {
        let endpoint = Url::parse("https://id.example/logout?t=1").unwrap();
        let (client, back) = (client("app", "https://id.example"), "https://app.example/");
        let to = |state| request(&endpoint, &client, Some("idt"), back, state);
        let url = "https://id.example/logout?t=1&id_token_hint=idt&client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F";
        assert_eq!(to(None).as_str(), url);
        assert_eq!(to(Some("a&b")).as_str(), format!("{url}&state=a%26b"));
    }
}
