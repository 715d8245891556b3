//! `protect("/admin/**" => scope("admin"))`, `public("/health")`: the rules, and whether each counts.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Meta, Token, token};

use crate::condition::{Condition, Dialect};
use crate::error::{self, Errors};
use crate::keys;
use crate::routes::spec::Protect;
use crate::value::{self, checked};
use authsafe_rules::text as rule;

mod kw {
    syn::custom_keyword!(auth);
}

/// Which paths a pattern has.
struct Pattern {
    text: String,
    /// In lower case.
    segments: Vec<String>,
    /// Whether it ends with `**`.
    below: bool,
}

/// The rules of `protect(...)` that can be read.
pub(crate) fn protect(meta: Option<&Meta>, errors: &mut Errors) -> Vec<Protect> {
    parts(meta, error::PROTECT_EMPTY, errors, rule)
}

/// The patterns of `public(...)` that can be read.
pub(crate) fn public(meta: Option<&Meta>, errors: &mut Errors) -> Vec<LitStr> {
    parts(meta, error::PUBLIC_PATHS_EMPTY, errors, |input, part| {
        let refuse = || syn::Error::new_spanned(part, error::PUBLIC_PATH);
        let path = input.parse().map_err(|_| refuse())?;
        if input.is_empty() {
            return Ok(path);
        }
        Err(refuse())
    })
}

fn parts<T>(
    meta: Option<&Meta>,
    empty: &str,
    errors: &mut Errors,
    parse: impl Fn(ParseStream<'_>, &TokenStream) -> syn::Result<T>,
) -> Vec<T> {
    let Some((meta, tokens)) = meta.and_then(|meta| Some((meta, value::list(meta, errors)?)))
    else {
        return Vec::new();
    };
    if tokens.is_empty() {
        errors.at(meta, empty);
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

fn rule(input: ParseStream<'_>, part: &TokenStream) -> syn::Result<Protect> {
    if !input.peek(LitStr) {
        return Err(syn::Error::new_spanned(part, error::PROTECT_RULE));
    }
    let path = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(part, error::PROTECT_CONDITION));
    }
    if !input.peek(Token![=>]) {
        return Err(input.error(error::PROTECT_CONDITION));
    }
    let arrow: Token![=>] = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(arrow, error::PROTECT_CONDITION));
    }
    if input.peek(Token![_]) {
        return Err(input.error(error::PROTECT_EVERYBODY));
    }
    let when = if input.peek(kw::auth) {
        let word: kw::auth = input.parse()?;
        Condition::Everybody(Token![_](word.span))
    } else if let Some(word) = lone_word(input) {
        return Err(syn::Error::new_spanned(&word, error::no_such_rule(&word)));
    } else {
        Condition::parse(input, Dialect::Tree)?
    };
    if !input.is_empty() {
        return Err(input.error(error::NO_COMMA));
    }
    Ok(Protect { path, when })
}

/// A word that no condition begins with.
fn lone_word(input: ParseStream<'_>) -> Option<Ident> {
    let word: Ident = input.fork().parse().ok()?;
    let known = error::nearest(&word.to_string(), Dialect::Tree.words()).is_some();
    (!known && !input.peek2(token::Paren)).then_some(word)
}

/// Reports patterns that are none, and rules that never decide.
pub(crate) fn check(
    protect: &[Protect],
    public: &[LitStr],
    written: [Option<&Meta>; 2],
    errors: &mut Errors,
) {
    if let [None, Some(public)] = written {
        errors.at(public.path(), error::PUBLIC_ALONE);
    }
    let protected: Vec<(&LitStr, Pattern)> = protect
        .iter()
        .filter_map(|rule| Some((&rule.path, Pattern::checked(&rule.path, errors)?)))
        .collect();
    let public: Vec<(&LitStr, Pattern)> = public
        .iter()
        .filter_map(|text| Some((text, Pattern::checked(text, errors)?)))
        .collect();
    for (at, (text, pattern)) in protected.iter().enumerate() {
        let earlier = protected[..at].iter().find(|(_, it)| it.covers(pattern));
        if let Some((_, earlier)) = earlier {
            errors.at(text, never_asked(earlier, pattern));
        } else if let Some((earlier, both)) = undecided(&protected[..at], pattern) {
            errors.at(text, error::patterns_cross(&earlier.text, &both.text));
        }
    }
    for (at, (text, pattern)) in public.iter().enumerate() {
        let earlier = public[..at].iter().find(|(_, it)| it.covers(pattern));
        let swallowed = protected.iter().find(|(_, it)| pattern.covers(it));
        if let Some((_, earlier)) = earlier {
            errors.at(text, error::public_twice(&earlier.text));
        } else if let Some((_, rule)) = swallowed {
            errors.at(text, error::opens_all_of(&rule.text));
        }
    }
}

/// The first earlier rule with paths in common that neither of the two is made for, and those paths.
fn undecided<'a>(
    before: &'a [(&LitStr, Pattern)],
    pattern: &Pattern,
) -> Option<(&'a Pattern, Pattern)> {
    before.iter().enumerate().find_map(|(at, (_, earlier))| {
        let both = earlier.crosses(pattern)?;
        let is_decided = before[..at].iter().any(|(_, it)| it.covers(&both));
        (!is_decided).then_some((earlier, both))
    })
}

fn never_asked(earlier: &Pattern, pattern: &Pattern) -> String {
    if pattern.covers(earlier) {
        error::pattern_twice(&earlier.text)
    } else {
        error::pattern_unreachable(&earlier.text)
    }
}

/// Reports patterns that are about the app's own endpoints, each named with its path.
pub(crate) fn off_endpoints<'a>(
    patterns: impl Iterator<Item = &'a LitStr>,
    base: &str,
    endpoints: &[(&str, String)],
    errors: &mut Errors,
) {
    let below_base = Pattern::of(format!("{base}/**"));
    for text in patterns {
        let pattern = Pattern::of(text.value());
        let endpoint = endpoints
            .iter()
            .find(|(_, path)| pattern.covers(&Pattern::of(path.clone())));
        if let Some((name, path)) = endpoint
            && below_base.covers(&pattern)
        {
            errors.at(text, error::pattern_on_endpoint(name, path));
        }
    }
}

impl Pattern {
    fn of(text: String) -> Self {
        let above = text.strip_suffix("/**");
        let segments = above.unwrap_or(&text).split('/');
        Self {
            segments: segments
                .filter(|it| !it.is_empty())
                .map(str::to_ascii_lowercase)
                .collect(),
            below: above.is_some(),
            text,
        }
    }

    fn checked(text: &LitStr, errors: &mut Errors) -> Option<Self> {
        checked(text, "a path pattern", rule::path_pattern, errors)?;
        Some(Self::of(text.value()))
    }

    /// Returns whether each path of the other is one of this, too.
    fn covers(&self, other: &Self) -> bool {
        let is_one = |(mine, their): (&String, &String)| mine == "*" || mine == their;
        self.segments.len() <= other.segments.len()
            && self.segments.iter().zip(&other.segments).all(is_one)
            && (self.below || (!other.below && self.segments.len() == other.segments.len()))
    }

    /// The paths that both have, if there are any and neither has all of the other's.
    fn crosses(&self, other: &Self) -> Option<Self> {
        if self.covers(other) || other.covers(self) {
            return None;
        }
        let (short, long) = if self.segments.len() <= other.segments.len() {
            (self, other)
        } else {
            (other, self)
        };
        if short.segments.len() < long.segments.len() && !short.below {
            return None;
        }
        let mut both = String::new();
        for (at, segment) in long.segments.iter().enumerate() {
            let segment = match short.segments.get(at).map(String::as_str) {
                None | Some("*") => segment,
                Some(one) if segment == "*" || segment == one => one,
                Some(_) => return None,
            };
            both.push('/');
            both.push_str(segment);
        }
        if short.below && long.below {
            both.push_str("/**");
        }
        Some(Self::of(both))
    }
}
