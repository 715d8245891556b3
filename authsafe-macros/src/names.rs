//! `key("a", "b")`: scopes, roles.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Lit, LitStr, Meta};

use crate::advice;
use crate::error::{self, Errors};
use crate::key::Key;
use crate::keys;
use crate::rule::Rule;
use crate::value::checked;
use authsafe_rules::letters;
use authsafe_rules::text::Reason;

/// The kind of the names, `scope` or `role`, and the rule for each.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) word: &'static str,
    pub(crate) rule: &'static Rule,
}

impl Kind {
    pub(crate) const fn new(word: &'static str, rule: &'static Rule) -> Self {
        Self { word, rule }
    }
}

/// Returns the names that pass the rule, each once.
pub(crate) fn names(key: &Key, kind: Kind, errors: &mut Errors) -> Option<Vec<LitStr>> {
    let Meta::List(list) = &key.meta else {
        return errors.refuse(key, no_list(key));
    };
    let parts = keys::split(list.tokens.clone(), errors);
    if parts.is_empty() {
        return errors.refuse(key, error::list_empty(key));
    }
    let mut names: Vec<LitStr> = Vec::new();
    for part in parts {
        let Some(name) = name(part, &key.name(), kind, errors) else {
            continue;
        };
        let text = name.value();
        if names.iter().any(|earlier| earlier.value() == text) {
            errors.at(&name, error::named_twice(kind.word, &text));
        } else {
            names.push(name);
        }
    }
    Some(names)
}

fn name(part: TokenStream, key: &str, kind: Kind, errors: &mut Errors) -> Option<LitStr> {
    let Ok(name) = syn::parse2::<LitStr>(part.clone()) else {
        return errors.refuse(&part, no_name(&part, key, kind));
    };
    let words: Vec<String> = match (kind.rule.check)(&name.value()) {
        Err(Reason::Char(' ')) => words(&name.value()),
        _ => several(kind.word, &name.value()),
    };
    if words.len() > 1 {
        return errors.refuse(&name, error::several_names(&advice::quoted(&words)));
    }
    let meant = STANDARD
        .iter()
        .find(|it| it.eq_ignore_ascii_case(&name.value()));
    if let Some(meant) = meant.filter(|it| kind.word == "scope" && **it != name.value()) {
        return errors.refuse(&name, standard_scope(&name.value(), meant));
    }
    checked(&name, &format!("a {}", kind.word), kind.rule, errors)?;
    if kind.word == "role" {
        check_letters(&name, kind.word, errors);
    }
    Some(name)
}

/// The scopes of OpenID Connect Core §5.4 and §11.
pub(crate) const STANDARD: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// A scope in other capitals, which providers do not know or leave out.
fn standard_scope(found: &str, meant: &str) -> String {
    format!(
        "scopes are compared letter by letter, and {found:?} is none that providers know; did you mean {meant:?}?"
    )
}

/// Says what was meant by something that is no text.
fn no_name(part: &TokenStream, key: &str, kind: Kind) -> String {
    let texts = texts(part);
    if !texts.is_empty() {
        return error::several_names(&advice::quoted(&texts));
    }
    let words: Vec<String> = part.clone().into_iter().map(|it| it.to_string()).collect();
    if words.len() > 1
        && words
            .iter()
            .all(|it| syn::parse_str::<syn::Ident>(it).is_ok())
    {
        return error::several_names(&advice::quoted(&words));
    }
    let text = part.to_string().replace(' ', "");
    match advice::is_constant(&text) {
        true => error::constant(kind.word, key),
        false => error::unquoted(kind.word, text.trim_matches('\'')),
    }
}

/// Returns the names in one text, where it has surely several.
pub(crate) fn several(word: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let is_name = |it: &String| {
        it.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.:/*".contains(c))
    };
    let has = |mark: char| words.iter().all(|it| it.contains(mark));
    let has_comma = text.contains(',');
    let is_several = match word {
        // A scope has no space.
        "scope" if text.contains(' ') => true,
        "scope" => words.iter().any(|it| STANDARD.contains(&it.as_str())) || has(':'),
        "permission" => words.iter().all(is_name),
        // These may have: "Site Admin", "Sales, EMEA".
        "role" | "org" => words.iter().all(is_name) && (has_comma || has(':')),
        _ => false,
    };
    if is_several { words } else { Vec::new() }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',');
    words
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reports a letter that cannot be seen, or that looks like another one. One that is written as an escape is meant.
pub(crate) fn check_letters(name: &LitStr, word: &str, errors: &mut Errors) {
    let text = name.value();
    if is_escaped(name) {
        return;
    }
    if let Some(odd) = letters::odd(&text) {
        errors.at(name, odd_letter(word, &text, odd));
    }
}

/// Returns whether some of its letters are written by their code.
fn is_escaped(name: &LitStr) -> bool {
    let written = name.token().to_string();
    written.contains("\\u") || written.contains("\\x")
}

/// Returns whether it is one name, of letters that are what they look like.
pub(crate) fn is_one(word: &str, name: &LitStr) -> bool {
    !is_several(word, name) && (is_escaped(name) || letters::odd(&name.value()).is_none())
}

/// Returns whether it is several names in one text. A space or a comma that is written as an escape is meant.
pub(crate) fn is_several(word: &str, name: &LitStr) -> bool {
    !is_escaped(name) && several(word, &name.value()).len() > 1
}

fn odd_letter(word: &str, text: &str, odd: char) -> String {
    let escaped = odd.escape_unicode();
    format!(
        "this {word} contains {}; write {:?}; if it is meant, `{escaped}` in its place says so",
        letters::named(odd),
        letters::plain(text)
    )
}

/// Says what was meant by `scopes = "a b"` or `scopes = ["a", "b"]`.
fn no_list(key: &Key) -> String {
    if let Meta::NameValue(pair) = &key.meta {
        if advice::reads_variable(&pair.value) {
            return error::list_from_env(key);
        }
        if advice::has_text(&pair.value) {
            return error::several_names(&key.line());
        }
    }
    error::shape(key)
}

/// Returns all strings in it.
fn texts(tokens: &TokenStream) -> Vec<String> {
    let mut texts = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => texts.extend(self::texts(&group.stream())),
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal) {
                    texts.push(text.value());
                }
            }
            _ => {}
        }
    }
    texts
}
