//! The mistakes that are reported, and the sentences that no single attribute has to itself: each says
//! what is wrong, and what to write instead.

use core::fmt;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::key::Key;
use authsafe_rules::spelling;
use authsafe_rules::wrong::Wrong;

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

    /// A mistake at these tokens, which therefore say nothing.
    pub(crate) fn refuse<T>(
        &mut self,
        tokens: impl ToTokens,
        sentence: impl fmt::Display,
    ) -> Option<T> {
        self.at(tokens, sentence);
        None
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

    #[cfg(test)]
    pub(crate) fn finish(self) -> Option<syn::Error> {
        self.all
    }

    /// Writes the mistakes, and behind them what comes out all the same.
    pub(crate) fn before(self, item: impl ToTokens) -> TokenStream {
        let errors = self.all.map(|errors| errors.to_compile_error());
        quote!(#errors #item)
    }
}

pub(crate) fn unknown_key(found: &str, near: &str) -> String {
    format!("there is no key `{found}`; did you mean `{near}`?")
}

pub(crate) fn unknown(found: &str, known: &[&str]) -> String {
    format!("there is no key `{found}`; the keys are {}", list(known))
}

/// A key that is like none of many.
pub(crate) fn unheard(found: &str) -> String {
    format!(
        "there is no key `{found}`; https://docs.rs/authsafe/latest/authsafe/attr.routes.html has them all"
    )
}

/// A key that is near none, and that has another name here, or lies in a list.
pub(crate) fn written_else(found: &str, lines: &[String]) -> String {
    format!(
        "there is no key `{found}`; write `{}`",
        lines.join("` or `")
    )
}

/// A key of others that several here stand for.
pub(crate) fn made(found: &str, why: &str, lines: &[String]) -> String {
    format!(
        "there is no key `{found}`: {why}; write `{}`",
        lines.join("` or `")
    )
}

/// A key that lies outside of the list in which it stands.
pub(crate) fn key_beside(found: &str, list: &str, line: &str) -> String {
    format!("there is no key `{found}` in `{list}`; write `{line}` beside it")
}

pub(crate) fn needless(found: &str, why: &str) -> String {
    format!("there is no key `{found}`: {why}; remove it")
}

/// `client-id: "..."`: the name is another, and what follows is too.
pub(crate) fn misnamed(found: &str, line: &str) -> String {
    format!("there is no key `{found}`; write `{line}`")
}

pub(crate) fn key_twice(key: &str) -> String {
    format!("`{key}` is given twice; keep one")
}

pub(crate) fn no_key(known: &[&str]) -> String {
    if known.len() > 9 {
        return "expected a key and its value; write `client_id = \"...\"`".to_owned();
    }
    format!("expected a key; the keys are {}", list(known))
}

/// A text that stands for itself where keys are expected.
pub(crate) fn no_key_but_a_text(text: &str) -> String {
    let line = match text.contains("://") {
        true => format!("domain = {text}"),
        false => format!("scopes(\"openid\", {text})"),
    };
    let line = line.replace("(\"openid\", \"openid\")", "(\"openid\")");
    no_key_but(&line)
}

/// A value that stands for itself where keys are expected, as the first of them that may have it.
pub(crate) fn no_key_but(line: &str) -> String {
    format!("expected a key before this; write `{line}`, if that is what it is")
}

pub(crate) fn no_value(name: &str, line: &str) -> String {
    format!("`{name}` has no value; write `{line}`")
}

pub(crate) fn shape(key: &Key) -> String {
    shape_of(&key.name(), &key.line())
}

pub(crate) fn shape_of(name: &str, line: &str) -> String {
    format!("`{name}` is not written like this; write `{line}`")
}

pub(crate) fn not_none(key: &Key) -> String {
    format!("`{}` cannot be none; write `{}`", key.name(), key.line())
}

pub(crate) fn not_a_string(key: &Key) -> String {
    format!("expected a string; write `{}`", key.line())
}

pub(crate) fn list_empty(key: &Key) -> String {
    let (name, usage) = (key.name(), key.usage());
    format!("`{name}` is empty; write `{usage}`, or leave it out")
}

pub(crate) const NO_COMMA: &str = "expected `,` before this";
pub(crate) const EXTRA_COMMA: &str = "nothing stands between these commas; remove one";

pub(crate) fn refused(what: &str, wrong: &Wrong) -> String {
    format!("{} {wrong}", subject(what))
}

pub(crate) fn subject(what: &str) -> String {
    if what.contains(' ') {
        what.to_owned()
    } else {
        format!("`{what}`")
    }
}

pub(crate) fn env_macro(line: &str) -> String {
    format!(
        "`env!` reads the variable while the app is built; write `{line}`, which reads it when the app starts"
    )
}

pub(crate) fn env_shape(line: &str) -> String {
    format!(
        "`env` takes the name of a variable in quotes, and a default behind `default =`; write `{line}`"
    )
}

/// `"$NAME"`, `"env(NAME)"`.
pub(crate) fn variable_in_quotes(key: &str, name: &str) -> String {
    format!("a text is taken as it is, and reads no variable; write `{key} = env({name:?})`")
}

pub(crate) fn env_empty(line: &str) -> String {
    format!("`env` needs the name of a variable; write `{line}`")
}

pub(crate) fn call(function: &str) -> String {
    let function = function.replace(' ', "");
    format!("name the function without calling it: `{function}`")
}

pub(crate) fn reference(key: &str, path: &str) -> String {
    format!("what is named here is named without `&`; write `{key} = {path}`")
}

/// A word that is for quotes, and a path without them.
pub(crate) fn word_or_path(key: &Key, word: &str) -> String {
    format!(
        "`{word}` without quotes would be a function of yours; write `{} = \"{word}\"`, or `self::{word}` if it is one",
        key.name()
    )
}

pub(crate) fn named_twice(what: &str, name: &str) -> String {
    format!("the {what} `{name}` is named twice; keep one")
}

/// `scopes("openid profile")`, `scopes = "openid profile"`: what to write has each in quotes.
pub(crate) fn several_names(line: &str) -> String {
    format!("each name stands in quotes of its own; write `{line}`")
}

/// A constant among names.
pub(crate) fn constant(what: &str, key: &str) -> String {
    format!(
        "`{key}` is read while the app is compiled, and sees no constant; write the {what} itself in quotes"
    )
}

/// A list of names that is to come from a variable.
pub(crate) fn list_from_env(key: &Key) -> String {
    format!(
        "`{}` is compared with what the app names while it is compiled, and no variable has it then; write `{}`",
        key.name(),
        key.usage()
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

/// `Unauthenticated::Redirect`.
pub(crate) fn word_as_text(key: &Key, word: &str) -> String {
    format!("expected a string; write `{} = \"{word}\"`", key.name())
}

/// The known spelling that was meant, where one is near enough.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    spelling::nearest(known, found).map(|at| known[at])
}

pub(crate) fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
