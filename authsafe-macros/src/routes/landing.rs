//! `landing(scope("admin") => "/admin", _ => "/")`: the rules as written.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use crate::condition::{self, Condition, Dialect};
use crate::error::{self, Errors};
use crate::keys;
use crate::routes::sentences;
use crate::routes::spec::Landing;

mod kw {
    syn::custom_keyword!(always);
}

/// Reads the rules; reports those that cannot be read.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Vec<Landing> {
    let mut rules = Vec::new();
    for part in keys::split(tokens, errors) {
        let parser = |input: ParseStream<'_>| rule(input, &part);
        match parser.parse2(part.clone()) {
            Ok(rule) => rules.push(rule),
            Err(error) => errors.push(error),
        }
    }
    rules
}

fn rule(input: ParseStream<'_>, part: &TokenStream) -> syn::Result<Landing> {
    let always = input.parse::<Option<kw::always>>()?.is_some();
    if input.is_empty() {
        return Err(syn::Error::new_spanned(part, condition::LANDING_RULE));
    }
    let when = Condition::parse(input, Dialect::Landing)?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(part, sentences::LANDING_ARROW));
    }
    if !input.peek(Token![=>]) {
        return Err(input.error(sentences::LANDING_ARROW));
    }
    let arrow: Token![=>] = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(arrow, sentences::LANDING_TARGET));
    }
    if !input.peek(LitStr) {
        return Err(input.error(sentences::LANDING_TARGET));
    }
    let to = input.parse()?;
    if !input.is_empty() {
        return Err(input.error(error::NO_COMMA));
    }
    Ok(Landing { when, to, always })
}
