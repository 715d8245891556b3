//! The mistakes that are reported, and the sentences that no single attribute has to itself: each says
//! what is wrong, and what to write instead.

use core::fmt;

use quote::ToTokens;

use crate::key::Key;
use authsafe_rules::spelling;
use authsafe_rules::text::Reason;

/// The mistakes found so far; all of them are reported.
#[derive(Default)]
pub(crate) struct Errors {
    all: Option<syn::Error>,
    count: usize,
}

impl Errors {
    /// A mistake at these tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, sentence: impl fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, sentence));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.count += 1;
        match &mut self.all {
            Some(first) => first.combine(error),
            None => self.all = Some(error),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn finish(self) -> Option<syn::Error> {
        self.all
    }
}

pub(crate) fn unknown_key(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(near) => format!("there is no key `{found}`; did you mean `{near}`?"),
        None => format!("there is no key `{found}`; the keys are {}", list(known)),
    }
}

pub(crate) fn key_twice(key: &str) -> String {
    format!("`{key}` is given twice; keep one")
}

pub(crate) fn no_key(known: &[&str]) -> String {
    format!("expected a key; the keys are {}", list(known))
}

pub(crate) fn no_value(key: &Key) -> String {
    format!("`{}` has no value; write `{}`", key.name(), key.usage())
}

pub(crate) fn shape(key: &Key) -> String {
    let (name, usage) = (key.name(), key.usage());
    format!("`{name}` is not written like this; write `{usage}`")
}

pub(crate) fn not_none(key: &Key) -> String {
    format!("`{}` cannot be none; write `{}`", key.name(), key.usage())
}

pub(crate) fn not_a_string(key: &Key) -> String {
    format!("expected a string; write `{}`", key.usage())
}

pub(crate) fn list_empty(key: &Key) -> String {
    let (name, usage) = (key.name(), key.usage());
    format!("`{name}` is empty; write `{usage}`, or leave it out")
}

pub(crate) const NO_COMMA: &str = "expected `,` before this";
pub(crate) const EXTRA_COMMA: &str = "nothing stands between these commas; remove one";

pub(crate) fn refused(
    what: &str,
    value: &str,
    reason: &Reason,
    mended: Option<&str>,
    hint: &str,
) -> String {
    let subject = subject(what);
    let refused = format!("{subject} cannot be {value:?}: {reason}");
    match (mended, hint) {
        (Some(mended), _) if what == "app_url" && *reason == Reason::HasPath => {
            let path = value.strip_prefix(mended).unwrap_or(value);
            let path = path.trim_end_matches('/');
            format!("{refused}; write {mended:?}, and begin `base_path` with {path:?}")
        }
        (Some(mended), _) => format!("{refused}; write {mended:?}"),
        (None, "") => refused,
        (None, hint) => format!("{refused}; {hint}"),
    }
}

pub(crate) fn subject(what: &str) -> String {
    if what.contains(' ') {
        what.to_owned()
    } else {
        format!("`{what}`")
    }
}

pub(crate) const ENV_MACRO: &str = "`env!` reads the variable while the app is built; write `env(\"NAME\")`, which reads it when the app starts";
pub(crate) const ENV_SHAPE: &str = "write `env(\"NAME\")` or `env(\"NAME\", default = \"...\")`";
pub(crate) const ENV_EMPTY: &str = "`env` needs the name of a variable; write `env(\"NAME\")`";

pub(crate) fn call(function: &str) -> String {
    let function = function.replace(' ', "");
    format!("name the function without calling it: `{function}`")
}

pub(crate) const REFERENCE: &str = "write the path without `&`";

pub(crate) fn named_twice(what: &str, name: &str) -> String {
    format!("the {what} `{name}` is named twice; keep one")
}

/// `scopes("openid profile")`, `scopes = "openid profile"`: the words, each in quotes.
pub(crate) fn several_names(key: &str, words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    format!(
        "each name stands in quotes of its own; write `{key}({})`",
        words.join(", ")
    )
}

/// A word with its article.
pub(crate) fn a(word: &str) -> String {
    let article = if word.starts_with('o') { "an" } else { "a" };
    format!("{article} {word}")
}

pub(crate) fn unquoted(what: &str, name: &str) -> String {
    format!("{} is written in quotes: \"{name}\"", a(what))
}

pub(crate) fn not_a_module(name: &str) -> String {
    let module = match name {
        "routes" => "auth {}",
        _ => "handlers { ... }",
    };
    format!("`#[{name}]` goes on a module; write `#[authsafe::{name}] pub mod {module}`")
}

/// The known spelling that was meant, where one is near enough.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    spelling::nearest(known, found).map(|at| known[at])
}

pub(crate) fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
