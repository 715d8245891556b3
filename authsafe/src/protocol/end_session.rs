//! RP-initiated logout (OpenID Connect RP-Initiated Logout §2).

use authsafe_rules::default;
use url::{Url, form_urlencoded};

use super::client::ClientRegistration;
use crate::types::ReturnTo;

/// The longest URL that carries an ID token, in bytes. nginx before 1.19.7 takes 4 KB for a path on HTTP/2
/// (`http2_max_field_size`), and others 8 KB for a whole line of a request; without the hint a provider
/// asks the user, beyond the length nobody answers.
const MAX_URL: usize = 4000;

/// The end of a session at the provider.
pub(crate) struct EndSession<'a> {
    pub(crate) id_token_hint: Option<&'a str>,
    /// The parameter that tells where to come back to.
    pub(crate) return_parameter: &'a str,
    /// The URL to come back to.
    pub(crate) back: &'a str,
    pub(crate) state: Option<&'a str>,
}

impl EndSession<'_> {
    /// Returns the URL that ends the provider's own session and comes back to the app, with the `state`
    /// that it was given, if any; and whether the ID token was left out since the URL is too long with it.
    ///
    /// With another `return_parameter` than the standard's it is a request of the provider's own, which has
    /// the client's id and that parameter.
    pub(crate) fn url(&self, endpoint: &Url, client: &ClientRegistration) -> (Url, bool) {
        let hint = self.id_token_hint.filter(|_| self.is_standard());
        let url = self.with_hint(endpoint, client, hint);
        if hint.is_some() && url.as_str().len() > MAX_URL {
            return (self.with_hint(endpoint, client, None), true);
        }
        (url, false)
    }

    /// Returns whether it is that of the standard, to which `state` belongs.
    pub(crate) fn is_standard(&self) -> bool {
        self.return_parameter == default::LOGOUT_RETURN
    }

    fn with_hint(&self, endpoint: &Url, client: &ClientRegistration, hint: Option<&str>) -> Url {
        let mut url = endpoint.clone();
        let state = self.state.filter(|_| self.is_standard());
        url.query_pairs_mut()
            .extend_pairs(hint.map(|hint| ("id_token_hint", hint)))
            .append_pair("client_id", &client.id)
            .append_pair(self.return_parameter, self.back)
            .extend_pairs(state.map(|state| ("state", state)));
        url
    }
}

/// What a browser is to do when it comes back from the provider: the `state` of a logout that comes back to
/// our own landing. It is a local path, and whatever the app's page wants to hear: nothing that a link to
/// that page could not say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AfterLogout {
    pub(crate) return_to: Option<ReturnTo>,
    /// The `state` that logout was given.
    pub(crate) state: Option<String>,
}

impl AfterLogout {
    /// Returns it as a `state`; `None` where there is nothing to say.
    pub(crate) fn encode(&self) -> Option<String> {
        let return_to = self.return_to.as_ref().map(ReturnTo::as_str);
        let encoded = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(return_to.map(|path| ("returnTo", path)))
            .extend_pairs(self.state.as_ref().map(|state| ("state", state)))
            .finish();
        Some(encoded).filter(|it| !it.is_empty())
    }

    /// Reads the query of the landing. `None`: it has no `state`.
    pub(crate) fn parse(query: &str) -> Option<Self> {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let (_, state) = pairs.find(|(name, _)| name == "state")?;
        Some(Self::decode(&state))
    }

    /// Reads a `state`.
    pub(crate) fn decode(state: &str) -> Self {
        let mut after = Self::default();
        for (name, value) in form_urlencoded::parse(state.as_bytes()) {
            match &*name {
                "returnTo" => after.return_to = ReturnTo::parse(&value).ok(),
                "state" => after.state = Some(value.into_owned()),
                _ => {}
            }
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::client;
    use super::*;

    fn url(end_session: &EndSession<'_>) -> (String, bool) {
        let endpoint = Url::parse("https://id.example/logout?t=1").unwrap();
        let (url, left_out) = end_session.url(&endpoint, &client("app", "https://id.example"));
        (url.into(), left_out)
    }

    #[test]
    fn it_says_who_signs_out_and_where_to_come_back() {
        let to = |state| {
            url(&EndSession {
                id_token_hint: Some("idt"),
                return_parameter: default::LOGOUT_RETURN,
                back: "https://app.example/",
                state,
            })
        };
        let url = "https://id.example/logout?t=1&id_token_hint=idt&client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F";
        assert_eq!(to(None), (url.to_owned(), false));
        assert_eq!(to(Some("a&b")), (format!("{url}&state=a%26b"), false));
    }

    #[test]
    fn a_parameter_of_the_providers_own_stands_beside_the_client_alone() {
        let (url, left_out) = url(&EndSession {
            id_token_hint: Some("idt"),
            return_parameter: "logout_uri",
            back: "https://app.example/",
            state: Some("a"),
        });
        let expected =
            "https://id.example/logout?t=1&client_id=app&logout_uri=https%3A%2F%2Fapp.example%2F";
        assert_eq!((url.as_str(), left_out), (expected, false));
    }

    #[test]
    fn an_id_token_that_makes_the_url_too_long_is_left_out() {
        let with = |length: usize| {
            url(&EndSession {
                id_token_hint: Some(&"a".repeat(length)),
                return_parameter: default::LOGOUT_RETURN,
                back: "https://app.example/",
                state: Some("s"),
            })
        };
        let (short, _) = with(0);
        let room = MAX_URL - short.len();
        let (longest, left_out) = with(room);
        assert_eq!((longest.len(), left_out), (MAX_URL, false));
        let (url, left_out) = with(room + 1);
        assert!(left_out && !url.contains("id_token_hint"), "{url}");
        assert!(url.contains("client_id=app") && url.contains("state=s"));
    }

    #[test]
    fn what_is_to_be_done_afterwards_comes_back_by_state() {
        let path = |path| Some(ReturnTo::parse(path).unwrap());
        for (return_to, state) in [
            (path("/a?b=c&d=%20#e"), Some("x&y=z".to_owned())),
            (path("/a"), None),
            (None, Some(String::new())),
        ] {
            let after = AfterLogout { return_to, state };
            let state = after.encode().unwrap();
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("state", &state)
                .finish();
            assert_eq!(AfterLogout::parse(&query), Some(after));
        }
        assert_eq!(AfterLogout::default().encode(), None);
    }

    #[test]
    fn a_state_that_is_not_ours_goes_nowhere() {
        for query in [
            "",
            "state=",
            "state=abc",
            "returnTo=/x",
            "state=returnTo%3Dhttps%3A%2F%2Fevil.example",
            "state=returnTo%3D%2F%2Fevil.example",
            "state=returnTo%3D%2F%255cevil.example",
        ] {
            let after = AfterLogout::parse(query).unwrap_or_default();
            assert_eq!(after, AfterLogout::default(), "{query}");
        }
    }
}
