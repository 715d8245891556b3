//! What was found.

use std::collections::BTreeMap;

use serde::Serialize;

/// The findings, in the order in which it was asked.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The version of this crate.
    pub version: &'static str,
    /// The outcome of all findings.
    pub verdict: Verdict,
    /// The provider, as the settings name it. `None`: they do not.
    pub domain: Option<String>,
    /// The client id, likewise.
    pub client_id: Option<String>,
    /// The redirect URI to register. `None`: the settings do not make one.
    pub redirect_uri: Option<String>,
    /// The provider's issuer and endpoints by name, as far as it has them.
    pub endpoints: BTreeMap<&'static str, String>,
    /// The algorithms of ID tokens that are accepted and for which there are keys.
    pub algorithms: Vec<String>,
    /// The ways by which the token endpoint takes the client secret.
    pub client_auth: Ways,
    /// Each thing that was looked at.
    pub findings: Vec<Finding>,
    /// The attribute to write, by what was found. `None`: too little was.
    pub attribute: Option<String>,
    /// The things that only a sign-in shows.
    pub not_tried: &'static [&'static str],
}

/// The outcome of an examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is wrong in what was tried.
    NothingWrong,
    /// Something is wrong.
    Wrong,
    /// The provider could not be asked now.
    NotReached,
}

/// The outcome of each of the two ways of client authentication (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Ways {
    /// In the header.
    pub basic: Way,
    /// In the body.
    pub post: Way,
}

/// The outcome of one way of client authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It was not tried.
    #[default]
    NotTried,
    /// The provider takes it, and refuses a wrong secret in it.
    Works,
    /// The provider refuses it.
    Refused,
    /// The answer does not tell.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Its name.
    pub about: &'static str,
    /// The kind of the finding.
    pub state: State,
    /// The fact that was found.
    pub found: String,
    /// The cause of what is wrong, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The thing to do, or to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<String>,
}

/// The kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was tried, and is right.
    Ok,
    /// It was tried, and is wrong.
    Wrong,
    /// The provider says so; nothing was tried.
    Told,
    /// It was tried, and the answer does not tell.
    Unknown,
    /// It was not tried.
    NotTried,
}

impl Finding {
    pub(super) fn new(about: &'static str, state: State, found: impl Into<String>) -> Self {
        Self {
            about,
            state,
            found: found.into(),
            cause: None,
            write: None,
        }
    }

    pub(super) fn ok(about: &'static str, found: impl Into<String>) -> Self {
        Self::new(about, State::Ok, found)
    }

    pub(super) fn wrong(about: &'static str, found: impl Into<String>) -> Self {
        Self::new(about, State::Wrong, found)
    }

    pub(super) fn told(about: &'static str, found: impl Into<String>) -> Self {
        Self::new(about, State::Told, found)
    }

    pub(super) fn unknown(about: &'static str, found: impl Into<String>) -> Self {
        Self::new(about, State::Unknown, found)
    }

    pub(super) fn not_tried(about: &'static str, found: impl Into<String>) -> Self {
        Self::new(about, State::NotTried, found)
    }

    pub(super) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub(super) fn write(mut self, what: impl Into<String>) -> Self {
        self.write = Some(what.into());
        self
    }
}
