//! The authorization response (RFC 6749 §4.1.2, RFC 9207).

use url::form_urlencoded;

use super::refusal::Refusal;
use crate::error::{CallbackError, ProviderError};
use crate::types::{State, TokenIssuer};

/// The provider's answer, which the browser brings (RFC 6749 §4.1.2).
pub(crate) struct AuthorizationResponse {
    pub(crate) state: Option<State>,
    pub(crate) code: Option<String>,
    pub(crate) error: Option<String>,
    description: Option<String>,
    pub(crate) iss: Option<String>,
}

impl AuthorizationResponse {
    /// Reads the query. A parameter that comes twice is an error (RFC 6749 §3.1).
    pub(crate) fn parse(query: &str) -> Result<Self, CallbackError> {
        let [mut state, mut code, mut error, mut iss] = [const { None }; 4];
        let mut description = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "iss" => &mut iss,
                "error_description" => {
                    description.get_or_insert(value.into_owned());
                    continue;
                }
                _ => continue,
            };
            if field.replace(value.into_owned()).is_some() {
                return Err(CallbackError::UnknownState);
            }
        }
        Ok(Self {
            state: state.map(|it: String| State::read(it)),
            code,
            error,
            description,
            iss,
        })
    }

    /// Checks that it is from the issuer that was asked. RFC 9207 §2.4: `iss` must match where it is given,
    /// and must be given where the provider says that it does.
    pub(crate) fn check_issuer(
        &self,
        issuer: &TokenIssuer,
        advertised: bool,
    ) -> Result<(), CallbackError> {
        match &self.iss {
            Some(iss) if issuer.is_of_response(iss) => Ok(()),
            None if !advertised => Ok(()),
            _ => Err(CallbackError::WrongIssuer),
        }
    }

    /// Returns what the provider says if it refuses, for the log.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        let description = self.description.as_deref().unwrap_or_default();
        Some(Refusal::brought(self.error.as_deref()?, description))
    }

    /// Returns the code. `Err`: the provider refused.
    pub(crate) fn code(&self) -> Result<&str, CallbackError> {
        if let Some(error) = &self.error {
            return Err(refusal(error));
        }
        let code = self.code.as_deref();
        code.filter(|code| !code.is_empty())
            .ok_or(CallbackError::InvalidCode)
    }
}

/// Translates the `error` of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
fn refusal(error: &str) -> CallbackError {
    match error {
        // The second one is Apple's.
        "access_denied" | "user_cancelled_authorize" => CallbackError::AccessDenied,
        "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => CallbackError::InteractionRequired,
        "temporarily_unavailable" => ProviderError::Unavailable.into(),
        "server_error" => ProviderError::BadAnswer.into(),
        _ => CallbackError::RequestRefused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> AuthorizationResponse {
        AuthorizationResponse::parse(query).unwrap()
    }

    #[test]
    fn a_parameter_that_comes_twice_is_refused() {
        for query in [
            "state=a&state=b",
            "code=a&code=a",
            "iss=a&iss=b",
            "error=a&error=b",
        ] {
            assert!(AuthorizationResponse::parse(query).is_err(), "{query}");
        }
    }

    #[test]
    fn the_issuer_must_match_where_it_is_given_and_be_given_where_it_is_promised() {
        let issuer = super::super::testing::issuer("https://id.example");
        let check = |query, advertised| parse(query).check_issuer(&issuer, advertised);
        assert_eq!(check("iss=https://id.example", true), Ok(()));
        assert_eq!(check("iss=https://id.example", false), Ok(()));
        assert_eq!(check("", false), Ok(()));
        assert_eq!(check("", true), Err(CallbackError::WrongIssuer));
        assert_eq!(
            check("iss=https://evil.example", false),
            Err(CallbackError::WrongIssuer)
        );
        assert_eq!(check("iss=", false), Err(CallbackError::WrongIssuer));
    }

    #[test]
    fn what_the_provider_says_is_told_and_judged_by_nobody() {
        let told = |query| parse(query).refusal().map(|it| it.to_string());
        let query = "error=access_denied&error_description=Not+you%0A&error_description=x";
        assert_eq!(told(query).as_deref(), Some("`access_denied`: Not you"));
        assert_eq!(told("error=x").as_deref(), Some("`x`"));
        assert_eq!(told("error_description=x&code=c"), None);
    }

    #[test]
    fn an_error_wins_over_a_code() {
        let code = |query| parse(query).code().map(str::to_owned);
        assert_eq!(code("code=x"), Ok("x".into()));
        assert_eq!(
            code("code=x&error=access_denied"),
            Err(CallbackError::AccessDenied)
        );
        assert_eq!(
            code("error=user_cancelled_authorize"),
            Err(CallbackError::AccessDenied)
        );
        assert_eq!(
            code("error=login_required"),
            Err(CallbackError::InteractionRequired)
        );
        assert_eq!(
            code("error=temporarily_unavailable"),
            Err(ProviderError::Unavailable.into())
        );
        assert_eq!(
            code("error=server_error"),
            Err(ProviderError::BadAnswer.into())
        );
        assert_eq!(
            code("error=invalid_scope"),
            Err(CallbackError::RequestRefused)
        );
        assert_eq!(code("error="), Err(CallbackError::RequestRefused));
        assert_eq!(code(""), Err(CallbackError::InvalidCode));
        assert_eq!(code("code="), Err(CallbackError::InvalidCode));
    }
}
