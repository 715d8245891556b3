//! What is wrong with a condition, and what to write instead.

use crate::condition::Condition;
use crate::condition::logic::{Clash, Why};
use crate::error::{list, nearest};

pub(crate) const LANDING_RULE: &str =
    "expected a rule such as `scope(\"admin\") => \"/admin\"` or `_ => \"/\"`";

pub(super) fn unknown_condition(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(near) => format!("there is no condition `{found}`; did you mean `{near}`?"),
        None => format!("there is no condition `{found}`; expected {}", list(known)),
    }
}

pub(super) fn condition_empty(word: &str, part: &str) -> String {
    let example = match part {
        "condition" => "scope(\"a\"), role(\"b\")",
        _ => "\"a\", \"b\"",
    };
    match word {
        "all" => {
            format!("`all()` of nothing would let everybody in; name the {part}s: `all({example})`")
        }
        "any" => {
            format!("`any()` of nothing would let nobody in; name the {part}s: `any({example})`")
        }
        "not" => "`not()` names nothing; write `not(scope(\"...\"))`".to_owned(),
        "recent" => "`recent()` does not say how recent; write `recent(\"5m\")`".to_owned(),
        _ => format!("`{word}()` names nothing; write `{word}(\"...\")`"),
    }
}

pub(super) fn condition_shape(word: &str) -> String {
    match word {
        "all" | "any" => format!("write `{word}(...)` around what is asked for"),
        "not" => "write `not(...)` around what must not be".to_owned(),
        "recent" => "write `recent(\"5m\")`".to_owned(),
        _ => format!("write `{word}(\"...\")`"),
    }
}

pub(super) const CONDITION_TWICE: &str = "this condition stands here twice; keep one";

/// A list that is settled, whoever asks. `all`: it is `all`, and not `any`.
pub(super) fn settled(all: bool, negated: bool, clash: &Clash<'_>) -> String {
    let who = match (all, negated) {
        (true, false) => "nobody passes",
        (false, false) => "whoever is signed in passes",
        (true, true) => "whoever is signed in passes this `not`",
        (false, true) => "nobody passes this `not`",
    };
    let why = match (&clash.why, all) {
        (Why::Everybody, _) => "`_` is everybody",
        (Why::Opposite(_), true) => "`all` asks for this and for the opposite",
        (Why::Opposite(_), false) => "`any` asks for this or for the opposite",
        (Why::Orgs(_), true) => "a session is of one organization, and `all` asks for two",
        (Why::Orgs(_), false) => "a session is of one organization, and `any` refuses those of two",
        (Why::Together, true) => "whoever meets the rest of this `all` does not meet this",
        (Why::Together, false) => "whoever meets nothing else of this `any` meets this",
    };
    let remedy = match (&clash.why, all, negated) {
        (Why::Everybody, ..) => "write it alone".to_owned(),
        (Why::Orgs(others), true, false) => format!("write `{}`", one_org(others, clash.at)),
        (_, false, false) => {
            "remove one, or write `#[require_auth]`, in a path rule `auth`".to_owned()
        }
        _ => "remove one".to_owned(),
    };
    format!("{who}: {why}; {remedy}")
}

/// Writes that a session may be of any of these organizations.
pub(crate) fn one_org(others: &[String], last: &Condition) -> String {
    let others: String = others.iter().map(|org| format!("org({org:?}), ")).collect();
    format!("any({others}{last})")
}

pub(super) const NOT_ONE: &str =
    "`not` takes one condition; write `not(any(..., ...))` or `not(all(..., ...))`";
pub(super) const RECENT_SHAPE: &str =
    "`recent` takes one duration in quotes, a number and a unit; write `recent(\"5m\")`";
pub(super) const CONDITION_RULE: &str =
    "expected a condition such as `scope(\"a\")`, `not(role(\"b\"))` or `all(..., ...)`";

pub(super) fn name_rule(word: &str) -> String {
    match word {
        "org" => "expected an org in quotes or `any(\"a\", \"b\")`".to_owned(),
        _ => format!("expected a {word} in quotes, `all(\"a\", \"b\")` or `any(\"a\", \"b\")`"),
    }
}

pub(super) fn bare_name(name: &str) -> String {
    format!(
        "say what {name:?} is; write `scope({name:?})`, `role({name:?})` or `permission({name:?})`"
    )
}

pub(super) fn one_name(word: &str) -> String {
    format!("`{word}` takes one name; write `all({word}(\"a\"), {word}(\"b\"))` or `any(...)`")
}

pub(super) fn name_by_path(part: &str) -> String {
    match part {
        "scope" | "role" => format!(
            "a guard is a type, which no constant can name; write the {part} itself in quotes: one that is not declared does not compile either"
        ),
        "condition" => {
            "a guard is a type, which no constant can name; write the names themselves in quotes"
                .to_owned()
        }
        _ => format!(
            "a guard is a type, which no constant can name; write the {part} itself in quotes"
        ),
    }
}

pub(crate) fn all_or_any(part: &str) -> String {
    match part {
        "org" => "a session is of one organization: write `any(\"a\", \"b\")`".to_owned(),
        "condition" => {
            "more than one condition: write `all(..., ...)` or `any(..., ...)`".to_owned()
        }
        _ => format!("more than one {part}: write `all(\"a\", \"b\")` or `any(\"a\", \"b\")`"),
    }
}

pub(super) fn spaced_scopes(text: &str) -> String {
    let names: Vec<String> = text.split_whitespace().map(|s| format!("{s:?}")).collect();
    let names = names.join(", ");
    format!("these are several scopes; write `all({names})` or `any({names})`")
}

pub(super) const POLICY_SHAPE: &str =
    "`policy` names one policy by its path; write `policy(path::to::policy)`";
pub(crate) const POLICY_ALONE: &str = "a policy is named alone: `#[require(policy = path::to::policy)]`; for a condition besides, write a second attribute";
