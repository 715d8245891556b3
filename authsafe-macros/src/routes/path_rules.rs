//! `protect("/admin/**" => scope("admin"))`, `public("/health")`: the rules, and whether each counts.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Token, token};

use crate::condition::{Condition, Dialect};
use crate::error::{self, Errors};
use crate::key::Key;
use crate::keys;
use crate::routes::sentences;
use crate::routes::spec::{Protect, Spec};
use crate::rule;
use crate::value::{self, checked};
use authsafe_rules::pattern::{self, Mistake, Pattern};
use authsafe_rules::target;

mod kw {
    syn::custom_keyword!(auth);
}

/// Reads the rules of `protect(...)`; reports those that cannot be read.
pub(crate) fn protect(key: Option<&Key>, errors: &mut Errors) -> Vec<Protect> {
    parts(key, sentences::PROTECT_EMPTY, errors, protected)
}

/// Reads the patterns of `public(...)`; reports those that cannot be read.
pub(crate) fn public(key: Option<&Key>, errors: &mut Errors) -> Vec<LitStr> {
    parts(key, sentences::PUBLIC_PATHS_EMPTY, errors, |input, part| {
        let refuse = || syn::Error::new_spanned(part, sentences::PUBLIC_PATH);
        let path = input.parse().map_err(|_| refuse())?;
        if input.is_empty() {
            return Ok(path);
        }
        Err(refuse())
    })
}

fn parts<T>(
    key: Option<&Key>,
    empty: &str,
    errors: &mut Errors,
    parse: impl Fn(ParseStream<'_>, &TokenStream) -> syn::Result<T>,
) -> Vec<T> {
    let Some((key, tokens)) = key.and_then(|key| Some((key, value::list(key, errors)?))) else {
        return Vec::new();
    };
    if tokens.is_empty() {
        errors.at(key, empty);
    }
    let mut read = Vec::new();
    for part in keys::split(tokens, errors) {
        let parser = |input: ParseStream<'_>| parse(input, &part);
        match parser.parse2(part.clone()) {
            Ok(it) => read.push(it),
            Err(error) => errors.push(error),
        }
    }
    read
}

fn protected(input: ParseStream<'_>, part: &TokenStream) -> syn::Result<Protect> {
    if !input.peek(LitStr) {
        return Err(syn::Error::new_spanned(part, sentences::PROTECT_RULE));
    }
    let path = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(part, sentences::PROTECT_CONDITION));
    }
    if !input.peek(Token![=>]) {
        return Err(input.error(sentences::PROTECT_CONDITION));
    }
    let arrow: Token![=>] = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(arrow, sentences::PROTECT_CONDITION));
    }
    if input.peek(Token![_]) {
        return Err(input.error(sentences::PROTECT_EVERYBODY));
    }
    let when = if input.peek(kw::auth) {
        let word: kw::auth = input.parse()?;
        Condition::Everybody(Token![_](word.span))
    } else if let Some(word) = lone_word(input) {
        return Err(syn::Error::new_spanned(
            &word,
            sentences::no_such_rule(&word),
        ));
    } else {
        Condition::parse(input, Dialect::Tree)?
    };
    if !input.is_empty() {
        return Err(input.error(error::NO_COMMA));
    }
    Ok(Protect { path, when })
}

/// Returns a word that no condition begins with.
fn lone_word(input: ParseStream<'_>) -> Option<Ident> {
    let word: Ident = input.fork().parse().ok()?;
    let known = error::nearest(&word.to_string(), Dialect::Tree.words()).is_some();
    (!known && !input.peek2(token::Paren)).then_some(word)
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
    for mistake in pattern::mistakes(&patterns(&protect), &patterns(&public)) {
        let rules = |places: &[usize]| texts(&protect, places);
        let opened = |places: &[usize]| texts(&public, places);
        let ((at, _), sentence) = match mistake {
            Mistake::ProtectedTwice { rule, earlier } => (
                &protect[rule],
                sentences::pattern_twice(&protect[earlier].1),
            ),
            Mistake::NeverAsked { rule, earlier } => (
                &protect[rule],
                sentences::pattern_unreachable(&rules(&earlier)),
            ),
            Mistake::Undecided {
                rule,
                earlier,
                both,
            } => {
                let earlier = &protect[earlier].1;
                (&protect[rule], sentences::patterns_cross(earlier, &both))
            }
            Mistake::PublicTwice {
                public: at,
                earlier,
            } => (&public[at], sentences::public_twice(&opened(&earlier))),
            Mistake::OpensAll {
                public: at,
                rule,
                before,
                earlier,
            } => {
                let others = [rules(&before), opened(&earlier)].concat();
                let sentence = sentences::opens_all_of(&protect[rule].1, &others);
                (&public[at], sentence)
            }
            // A rule that cannot be read may have them; of an endpoint something else is told.
            Mistake::OpensNothing { public: at, .. }
                if !is_whole || endpoint_of(&public[at].1, &base, &endpoints).is_some() =>
            {
                continue;
            }
            Mistake::OpensNothing { public: at, meant } => {
                (&public[at], sentences::opens_nothing(meant.as_deref()))
            }
        };
        errors.at(at, sentence);
    }
}

/// Returns how many parts a list has, those that cannot be read among them.
fn parts_of(key: &Key) -> usize {
    let errors = &mut Errors::default();
    let tokens = value::list(key, errors);
    tokens.map_or(0, |tokens| keys::split(tokens, errors).len())
}

fn texts<'a>(patterns: &'a [(&LitStr, String)], places: &[usize]) -> Vec<&'a str> {
    let places = places.iter();
    places.map(|at| patterns[*at].1.as_str()).collect()
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
