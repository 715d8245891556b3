//! The token endpoint's answers to a code that nobody gave (RFC 6749 §5.2).
//!
//! Some providers look at the code first. What an answer says of a secret counts where a wrong secret is
//! answered otherwise.

use super::report::Way;
use super::words::Words;
use crate::protocol::client_auth::{INVALID_CLIENT, Verdict};
use crate::provider::{Answer, NoAnswer};

/// An answer, and what it says.
#[derive(Debug)]
pub(super) struct Told {
    verdict: Option<Verdict>,
    /// What it says, in a line.
    pub(super) line: String,
    /// The status and the words, without what differs from one answer to the next.
    likeness: (u16, Option<String>, Vec<String>),
}

impl Told {
    pub(super) fn of(answer: Result<Answer, NoAnswer>, secret: Option<&str>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return Self {
                    verdict: None,
                    line: error.to_string(),
                    likeness: (0, None, Vec::new()),
                };
            }
        };
        let words = Words::of(&answer, secret);
        // A trace, a time and the like have figures in them.
        let text = words.text.as_deref().unwrap_or_default();
        let text = text.split(|c: char| !c.is_alphanumeric());
        let plain = text.filter(|word| !word.is_empty() && word.chars().all(char::is_alphabetic));
        Self {
            verdict: Some(answer.verdict()),
            line: words.line(&answer),
            likeness: (
                answer.status.as_u16(),
                words.error.clone(),
                plain.map(str::to_owned).collect(),
            ),
        }
    }

    /// Returns whether the client is refused, by name.
    pub(super) fn refuses(&self) -> bool {
        self.verdict == Some(Verdict::Refused)
    }

    /// Returns whether it says that the client is what it refuses, and nothing else.
    pub(super) fn names_client(&self) -> bool {
        self.likeness.1.as_deref() == Some(INVALID_CLIENT)
    }

    /// Returns whether the client is taken: the code is what is refused.
    pub(super) fn takes(&self) -> bool {
        self.verdict == Some(Verdict::Taken)
    }

    /// Returns what it says of the credentials, beside the answer to wrong ones. `refuses_codes_so`: a 401
    /// without a word may be about the code, as AuthSafe's is.
    pub(super) fn way(&self, wrong: Option<&Self>, refuses_codes_so: bool) -> Way {
        let Some(verdict) = self.verdict else {
            return Way::Unknown;
        };
        let refuses_wrong = wrong
            .is_some_and(|it| matches!(it.verdict, Some(Verdict::Refused | Verdict::Unauthorized)));
        let differs = wrong.is_some_and(|it| it.likeness != self.likeness) && refuses_wrong;
        match verdict {
            Verdict::Refused => Way::Refused,
            Verdict::Taken if refuses_wrong => Way::Works,
            Verdict::Unauthorized | Verdict::Nothing if differs => Way::Works,
            Verdict::Unauthorized if !refuses_codes_so => Way::Refused,
            Verdict::Unauthorized | Verdict::Taken | Verdict::Nothing => Way::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Told {
        Told::of(Ok(Answer::new(status, &[], body)), None)
    }

    const CLIENT: (u16, &str) = (401, r#"{"error":"invalid_client"}"#);
    const GRANT: (u16, &str) = (400, r#"{"error":"invalid_grant"}"#);
    const REQUEST: (u16, &str) = (400, r#"{"error":"invalid_request"}"#);
    const SILENT: (u16, &str) = (401, "");
    const OF_CODE: (u16, &str) = (401, r#"{"statusCode":401,"message":"Invalid code"}"#);
    const OF_SECRET: (u16, &str) = (401, r#"{"statusCode":401,"message":"Invalid client"}"#);

    #[test]
    fn a_secret_is_right_where_a_wrong_one_is_answered_otherwise() {
        for (real, wrong, way) in [
            (GRANT, CLIENT, Way::Works),
            (GRANT, SILENT, Way::Works),
            (REQUEST, CLIENT, Way::Works),
            (OF_CODE, OF_SECRET, Way::Works),
            (OF_CODE, CLIENT, Way::Works),
            // It looks at the code first.
            (GRANT, GRANT, Way::Unknown),
            (REQUEST, REQUEST, Way::Unknown),
            // Nothing is known of a wrong one.
            (GRANT, REQUEST, Way::Unknown),
            (CLIENT, CLIENT, Way::Refused),
            (SILENT, SILENT, Way::Refused),
            (OF_SECRET, OF_SECRET, Way::Refused),
            ((500, ""), CLIENT, Way::Works),
            ((404, ""), (404, ""), Way::Unknown),
        ] {
            let (real, wrong) = (told(real.0, real.1), told(wrong.0, wrong.1));
            assert_eq!(real.way(Some(&wrong), false), way, "{real:?} {wrong:?}");
        }
        assert_eq!(told(GRANT.0, GRANT.1).way(None, false), Way::Unknown);
    }

    #[test]
    fn a_401_of_authsafe_may_be_about_the_code() {
        let (real, wrong) = (told(OF_CODE.0, OF_CODE.1), told(OF_CODE.0, OF_CODE.1));
        assert_eq!(real.way(Some(&wrong), true), Way::Unknown);
        let named = told(CLIENT.0, CLIENT.1);
        assert_eq!(named.way(Some(&wrong), true), Way::Refused);
    }

    #[test]
    fn what_differs_from_one_answer_to_the_next_is_no_difference() {
        let of = |trace: &str| told(401, &format!(r#"{{"message":"denied (trace {trace})"}}"#));
        assert_eq!(of("a1b2").way(Some(&of("c3d4")), false), Way::Refused);
    }

    #[test]
    fn no_answer_says_nothing() {
        let none = Told::of(Err(NoAnswer::Refused), None);
        assert_eq!(none.way(None, false), Way::Unknown);
        assert!(!none.takes() && !none.refuses());
    }
}
