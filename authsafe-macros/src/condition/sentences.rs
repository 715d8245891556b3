//! What is wrong with a condition, and what to write instead.

use crate::condition::Condition;
use crate::condition::logic::{Clash, Why};
use crate::error::{self, list, nearest};
use crate::words;

pub(crate) const LANDING_RULE: &str =
    "expected a rule such as `role(\"admin\") => \"/admin\"` or `_ => \"/\"`";

pub(super) const DECIDED_BY_POLICY: &str =
    "a policy of your own decides that: write `#[require(policy = path::to::policy)]`";

pub(super) fn unknown_condition(found: &str, known: &[&str]) -> String {
    match nearest(&words::plain(found), known) {
        Some(near) => format!("there is no condition `{found}`; did you mean `{near}`?"),
        None => format!("there is no condition `{found}`; expected {}", list(known)),
    }
}

pub(super) fn condition_empty(word: &str, part: &str) -> String {
    let example = match part {
        "condition" => "role(\"a\"), role(\"b\")",
        _ => "\"a\", \"b\"",
    };
    match word {
        "all" => {
            format!("`all()` of nothing would let everybody in; name the {part}s: `all({example})`")
        }
        "any" => {
            format!("`any()` of nothing would let nobody in; name the {part}s: `any({example})`")
        }
        "not" => "`not()` names nothing; write `not(role(\"...\"))`".to_owned(),
        "recent" => "`recent()` does not say how recent; write `recent(\"5m\")`".to_owned(),
        _ => format!("`{word}()` names nothing; write `{word}(\"...\")`"),
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

pub(super) const CONDITION_RULE: &str =
    "expected a condition such as `scope(\"a\")`, `not(role(\"b\"))` or `all(..., ...)`";

pub(super) fn name_rule(word: &str) -> String {
    match word {
        "org" => "expected an org in quotes or `any(\"a\", \"b\")`".to_owned(),
        _ => format!("expected a {word} in quotes, `all(\"a\", \"b\")` or `any(\"a\", \"b\")`"),
    }
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

/// Several names in one text, each as it is written.
pub(super) fn several(word: &str, names: &[String]) -> String {
    let names = names.join(", ");
    match word {
        "org" => format!("these are several orgs; write `any({names})`"),
        _ => format!("these are several {word}s; write `all({names})` or `any({names})`"),
    }
}

pub(super) fn policy_shape(path: &str) -> String {
    format!("`policy` names one policy by its path; write `policy({path})`")
}

pub(super) const NO_POLICY_HERE: &str = "the routes are a constant, which can ask no policy; name it in a guard on the handler, `#[require(policy = path::to::policy)]`";

/// A list or a kind without what it is about.
pub(super) fn condition_shape(word: &str, part: &str) -> String {
    let example = match (word, part) {
        ("all" | "any", "condition") => "role(\"a\"), role(\"b\")",
        ("all" | "any", _) => "\"a\", \"b\"",
        ("not", _) => "role(\"...\")",
        ("recent", _) => "\"5m\"",
        ("scope", _) => "\"openid\"",
        _ => "\"...\"",
    };
    format!("`{word}` alone says nothing; write `{word}({example})`")
}

pub(super) fn not_one(parts: &[Condition]) -> String {
    let parts = super::list(parts, Condition::to_string);
    format!("`not` takes one condition; write `not(any({parts}))` or `not(all({parts}))`")
}

pub(super) fn recent_shape(age: &str) -> String {
    format!("`recent` takes one duration in quotes, a number and a unit; write `recent({age:?})`")
}

/// A name that does not say of which kind it is. `kinds`: the words that there are. A scope has to be one that is
/// requested.
pub(super) fn bare_name(name: &str, kinds: &[&str]) -> String {
    let kinds = ["role", "permission"]
        .into_iter()
        .filter(|it| kinds.contains(it));
    let lines: Vec<String> = kinds.map(|kind| format!("`{kind}({name:?})`")).collect();
    let lines = lines.join(" or ");
    format!("say what {name:?} is; write {lines}, or of a scope `scope({name:?})`")
}

/// A word where policies may be, too.
pub(super) fn bare_word(word: &str) -> String {
    format!("say what `{word}` is; write `policy({word})` or `role({word:?})` or `scope({word:?})`")
}

pub(super) fn one_name(word: &str, names: &[String]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("{word}({name:?})"))
        .collect();
    let names = names.join(", ");
    match word {
        "org" => format!("`org` takes one name; write `any({names})`"),
        _ => format!("`{word}` takes one name; write `all({names})` or `any({names})`"),
    }
}

/// One name, and something else behind it.
pub(super) fn one_name_alone(word: &str, name: &str) -> String {
    format!("`{word}` takes one name, and nothing besides; write `{word}({name:?})`")
}

/// A condition without its parentheses, or with others.
pub(super) fn parentheses(line: &str) -> String {
    format!("a condition has what it asks for in parentheses; write `{line}`")
}

/// Several conditions without `all` or `any`: what they are, as they are written.
pub(crate) fn all_or_any(part: &str, parts: &str) -> String {
    match part {
        "org" => format!("a session is of one organization; write `any({parts})`"),
        _ => format!("more than one {part}; write `all({parts})` or `any({parts})`"),
    }
}

/// A guard for one kind of names that is to ask for something else.
pub(crate) fn asks_for_more(guard: &str, kind: &str, line: &str) -> String {
    match line.starts_with(&format!("#[{guard}(")) {
        true => format!(
            "each name in `#[{guard}]` is {}; write `{line}`",
            error::a(kind)
        ),
        false => format!("`#[{guard}]` asks for {kind}s alone; write `{line}`"),
    }
}

/// A condition of another library. `instead` says what to do.
pub(super) fn other_word(found: &str, instead: &str) -> String {
    format!("there is no condition `{found}`; {instead}")
}

pub(super) fn write(line: &str) -> String {
    format!("write `{line}`")
}

/// `or(...)` with a mistake in it.
pub(super) fn other_list(found: &str, list: &str) -> String {
    format!("there is no condition `{found}`; did you mean `{list}`?")
}

pub(super) const LANDING_ALONE: &str =
    "this alone is no condition; write `_` for whoever has not landed before";
pub(super) const LANDING_NOT: &str = "a landing rule has no `not`: the first that matches decides; put a rule for the others before, and `_` last";
pub(super) const AUTH_ALONE: &str = "`auth` stands alone in a rule: whoever meets another condition is signed in; leave it out of `all(...)`, and write it alone in the place of `any(...)`";
pub(super) const SIGNED_IN_ANYWAY: &str = "whoever meets another one is signed in; leave it out of `all(...)`, and write it alone in the place of `any(...)`";
pub(super) const NOBODY: &str = "what nobody may call needs no route; take it out of the router";

pub(super) fn operators(line: &str) -> String {
    format!("conditions are put together by name, and not by operators; write `{line}`")
}
