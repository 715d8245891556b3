//! `protect("/admin/**" => scope("admin"))`, `public("/health")`: the rules, and whether each counts.

use proc_macro2::{TokenStream, TokenTree};
use syn::{LitStr, Token};

use crate::advice;
use crate::condition::{Condition, Dialect};
use crate::error::{self, Errors};
use crate::key::Key;
use crate::keys;
use crate::routes::arrow::Arrow;
use crate::routes::sentences;
use crate::routes::spec::{Protect, Spec};
use crate::rule;
use crate::value::{self, checked};
use crate::words;
use authsafe_rules::mistake::Place;
use authsafe_rules::pattern::{self, Mistake, Pattern};
use authsafe_rules::target;
use authsafe_rules::wrong::Wrong;

/// Reads the rules of `protect(...)`; reports those that cannot be read.
pub(crate) fn protect(key: Option<&Key>, errors: &mut Errors) -> Vec<Protect> {
    parts(key, sentences::PROTECT_EMPTY, errors, protected)
}

/// Reads the patterns of `public(...)`; reports those that cannot be read.
pub(crate) fn public(key: Option<&Key>, errors: &mut Errors) -> Vec<LitStr> {
    parts(
        key,
        sentences::PUBLIC_PATHS_EMPTY,
        errors,
        |part, errors| {
            let path = syn::parse2(part.clone()).ok();
            if path.is_none() {
                errors.at(part, no_path(part));
            }
            path
        },
    )
}

fn parts<T>(
    key: Option<&Key>,
    empty: &str,
    errors: &mut Errors,
    read: impl Fn(&TokenStream, &mut Errors) -> Option<T>,
) -> Vec<T> {
    let Some((key, tokens)) = key.and_then(|key| Some((key, value::list(key, errors)?))) else {
        return Vec::new();
    };
    if tokens.is_empty() {
        errors.at(key, empty);
    }
    let parts = keys::split(tokens, errors);
    parts.iter().filter_map(|part| read(part, errors)).collect()
}

fn protected(part: &TokenStream, errors: &mut Errors) -> Option<Protect> {
    let rule = Arrow::of(part);
    let path = syn::parse2::<LitStr>(rule.left.clone());
    let Ok(path) = path else {
        return errors.refuse(part, no_rule(&rule));
    };
    let when = match (&rule.arrow, &rule.wrong) {
        (None, Some(wrong)) if !rule.right.is_empty() => {
            let [left, right] = [&rule.left, &rule.right].map(advice::compact);
            errors.refuse(
                wrong,
                sentences::protect_arrow(&format!("{left} => {right}")),
            )
        }
        (None, _) => errors.refuse(part, sentences::protect_condition(&path.value())),
        (Some(arrow), _) if rule.right.is_empty() => {
            errors.refuse(arrow, sentences::protect_condition(&path.value()))
        }
        (Some(_), _) => condition(&path, &rule.right, errors),
    };
    if when.is_none() {
        // The rule is left out, and with it the check of its pattern.
        let _ = checked(&path, "a path pattern", &rule::PATTERN, errors);
    }
    Some(Protect { path, when: when? })
}

/// Reads what stands behind the arrow.
fn condition(path: &LitStr, right: &TokenStream, errors: &mut Errors) -> Option<Condition> {
    let mut trees = right.clone().into_iter();
    let word = match trees.next()? {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    };
    match (word, trees.next()) {
        (Some(word), None) if word == "_" => {
            errors.refuse(word, sentences::protect_everybody(&path.value()))
        }
        (Some(word), None) if word == "auth" => Some(Condition::Everybody(Token![_](word.span()))),
        (Some(word), Some(next)) if word == "auth" && is_next(&next) => {
            errors.refuse(next, error::NO_COMMA)
        }
        (Some(word), _) if words::condition(&word.to_string()) == Some(words::Meant::Everybody) => {
            let sentence = sentences::open_to_all(&word, &path.value());
            errors.refuse(right, sentence)
        }
        _ => Condition::read(right, Dialect::Rule, errors),
    }
}

/// Returns whether it begins another rule, and is no operator.
fn is_next(token: &TokenTree) -> bool {
    match token {
        TokenTree::Literal(_) => true,
        TokenTree::Ident(word) => word != "and" && word != "or",
        _ => false,
    }
}

/// Says what was meant by something that is no path.
fn no_path(part: &TokenStream) -> String {
    let texts = advice::texts(part);
    let word = part.to_string().replace(' ', "");
    let word = word.trim_matches('/');
    let is_path = |c: char| c.is_alphanumeric() || "/_-".contains(c);
    match texts.as_slice() {
        [path] => sentences::public_path(path),
        [] if word.chars().all(is_path) && word != "_" => {
            sentences::public_path(&format!("/{word}"))
        }
        [] => sentences::PUBLIC_PATH.to_owned(),
        _ => error::several_names(&advice::quoted(&texts)),
    }
}

/// Says what was meant by a rule that does not begin with a pattern.
fn no_rule(rule: &Arrow) -> String {
    let left = advice::compact(&rule.left);
    let right = advice::compact(&rule.right);
    let mut silent = Errors::default();
    let is_turned = syn::parse2::<LitStr>(rule.right.clone()).is_ok()
        && Condition::read(&rule.left, Dialect::Rule, &mut silent).is_some();
    let segments = match left.trim_matches('/').replace(' ', "") {
        // Whatever comes, as in `landing`.
        left if left == "_" => "**".to_owned(),
        left => left,
    };
    let is_path = segments
        .chars()
        .all(|c| c.is_alphanumeric() || "/_-*".contains(c));
    let texts = advice::texts(&rule.left);
    let rules: Vec<String> = texts
        .iter()
        .filter(|text| text.starts_with('/') && !right.is_empty())
        .map(|path| format!("{path:?} => {right}"))
        .collect();
    match () {
        () if is_turned => sentences::protect_rule(&format!("{right} => {left}")),
        () if !rules.is_empty() => sentences::protect_rule(&rules.join(", ")),
        () if is_path && !right.is_empty() => {
            sentences::protect_rule(&format!("\"/{segments}\" => {right}"))
        }
        () => sentences::PROTECT_RULE.to_owned(),
    }
}

/// Reports patterns that are none, and rules that never decide.
pub(crate) fn check(spec: &Spec, written: [Option<&Key>; 2], errors: &mut Errors) {
    if let [None, Some(public)] = written {
        errors.at(public.path(), sentences::PUBLIC_ALONE);
    }
    let count = written[0].map_or(0, parts_of);
    let protect = readable(spec.protect.iter().map(|rule| &rule.path), errors);
    let is_whole = protect.len() == count;
    let public = readable(&spec.public, errors);
    let (base, endpoints) = (spec.base(), spec.endpoint_paths().collect::<Vec<_>>());
    let (rules, opened) = (texts(&protect), texts(&public));
    for mistake in pattern::mistakes(&patterns(&protect), &patterns(&public)) {
        // A rule that cannot be read may have them; of an endpoint something else is told.
        if let Mistake::OpensNothing { public: at, .. } = mistake
            && (!is_whole || endpoint_of(&public[at].1, &base, &endpoints).is_some())
        {
            continue;
        }
        let (
            place,
            Wrong {
                because, instead, ..
            },
        ) = mistake.wrong(&rules, &opened);
        let (at, _) = match place {
            Place::Protect(at) => &protect[at],
            Place::Public(at) => &public[at],
        };
        errors.at(at, format!("{because}; {instead}"));
    }
}

/// Returns how many parts a list has, those that cannot be read among them.
fn parts_of(key: &Key) -> usize {
    let errors = &mut Errors::default();
    let tokens = value::list(key, errors);
    tokens.map_or(0, |tokens| keys::split(tokens, errors).len())
}

fn texts<'a>(patterns: &'a [(&LitStr, String)]) -> Vec<&'a str> {
    patterns.iter().map(|(_, text)| text.as_str()).collect()
}

/// Reports pages for people who are not signed in to which a rule lets nobody else.
pub(crate) fn open(
    pages: &[(&str, LitStr)],
    protect: &[Protect],
    public: &[LitStr],
    errors: &mut Errors,
) {
    for (name, page) in pages {
        let path = target::resolved(&page.value());
        let holds = |pattern: &LitStr| {
            let pattern = pattern.value();
            match (Pattern::parse(&pattern), Pattern::parse(&path)) {
                (Ok(pattern), Ok(path)) => pattern.covers(&path),
                _ => false,
            }
        };
        let rule = protect.iter().find(|rule| holds(&rule.path));
        if let Some(rule) = rule.filter(|_| !public.iter().any(holds)) {
            errors.at(page, sentences::page_is_protected(name, &rule.path.value()));
        }
    }
}

/// Returns the texts that are patterns; reports the others.
fn readable<'a>(
    texts: impl IntoIterator<Item = &'a LitStr>,
    errors: &mut Errors,
) -> Vec<(&'a LitStr, String)> {
    let texts = texts.into_iter();
    texts
        .filter_map(|text| {
            checked(text, "a path pattern", &rule::PATTERN, errors)?;
            Some((text, text.value()))
        })
        .collect()
}

fn patterns<'a>(texts: &'a [(&LitStr, String)]) -> Vec<Pattern<'a>> {
    let patterns = texts.iter().filter_map(|(_, it)| Pattern::parse(it).ok());
    patterns.collect()
}

/// Reports patterns that are about the app's own endpoints, each named with its path.
pub(crate) fn off_endpoints<'a>(
    texts: impl Iterator<Item = &'a LitStr>,
    base: &str,
    endpoints: &[(&str, String)],
    errors: &mut Errors,
) {
    for text in texts {
        if let Some((name, path)) = endpoint_of(&text.value(), base, endpoints) {
            errors.at(text, sentences::pattern_on_endpoint(name, path));
        }
    }
}

/// Returns the endpoint that a pattern is about, which has nothing but paths below the base.
fn endpoint_of<'a>(
    pattern: &str,
    base: &str,
    endpoints: &'a [(&'a str, String)],
) -> Option<&'a (&'a str, String)> {
    let below_base = format!("{base}/**");
    let pattern = Pattern::parse(pattern).ok()?;
    let covers =
        |one: &Pattern<'_>, text: &str| Pattern::parse(text).is_ok_and(|it| one.covers(&it));
    let is_within = Pattern::parse(&below_base).is_ok_and(|base| base.covers(&pattern));
    let mut endpoints = endpoints.iter().filter(|_| is_within);
    endpoints.find(|(_, path)| covers(&pattern, path))
}
