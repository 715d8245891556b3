//! Paths: how generated code names the runtime, and how it names what the user named.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, parse_quote};

use crate::error::Errors;
use crate::key::Key;
use crate::value;

/// The usage of the key `crate`.
pub(crate) const USAGE: &str = "crate = path::to::authsafe";

/// Returns the path of all that generated code names of the runtime: `::authsafe::__private`, or the
/// one of the crate that `crate = path` names.
pub(crate) fn runtime(key: Option<&Key>, errors: &mut Errors) -> Path {
    let krate = key.and_then(|key| value::path(key, errors));
    let krate = krate.map_or_else(|| parse_quote!(::authsafe), absolute);
    parse_quote!(#krate::__private)
}

/// Writes the name of a crate as a path: `renamed` as `::renamed`.
fn absolute(path: Path) -> Path {
    if path.leading_colon.is_some() || keyword(&path) {
        return path;
    }
    parse_quote!(::#path)
}

/// Writes a path from outside of the module as it is written within.
pub(crate) fn from_within(path: &Path) -> TokenStream {
    if path.leading_colon.is_some() {
        return path.to_token_stream();
    }
    let first = path.segments.first().map(|first| first.ident.to_string());
    let span = at(path.span());
    match first.as_deref() {
        Some("crate") => path.to_token_stream(),
        Some("self") => {
            let rest = path.segments.iter().skip(1);
            quote_spanned!(span=> super #(::#rest)*)
        }
        _ => {
            let up = quote_spanned!(span=> super::);
            quote!(#up #path)
        }
    }
}

fn keyword(path: &Path) -> bool {
    path.segments.first().is_some_and(|first| {
        first.ident == "crate" || first.ident == "self" || first.ident == "super"
    })
}

/// Returns the span for generated code at the user's word: errors show there, the user's lints stay
/// away.
pub(crate) fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// Puts all tokens at one place.
pub(crate) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

/// Puts one lifetime in the place of each.
pub(crate) fn with_lifetimes(tokens: TokenStream, lifetime: &str) -> TokenStream {
    let mut is_lifetime = false;
    let tokens = tokens.into_iter().map(|token| {
        let after_quote = core::mem::take(&mut is_lifetime);
        match token {
            TokenTree::Ident(name) if after_quote => Ident::new(lifetime, name.span()).into(),
            TokenTree::Punct(punct) => {
                is_lifetime = punct.as_char() == '\'';
                punct.into()
            }
            TokenTree::Group(group) => {
                let stream = with_lifetimes(group.stream(), lifetime);
                let mut new = Group::new(group.delimiter(), stream);
                new.set_span(group.span());
                new.into()
            }
            other => other,
        }
    });
    tokens.collect()
}
