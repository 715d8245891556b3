//! `landing(scope("admin") => "/admin", _ => "/")`: the rules as written.

use proc_macro2::{TokenStream, TokenTree};
use syn::LitStr;

use crate::advice;
use crate::condition::{self, Condition, Dialect};
use crate::error::{self, Errors};
use crate::keys;
use crate::routes::arrow::Arrow;
use crate::routes::sentences;
use crate::routes::spec::Landing;
use crate::rule;
use crate::value::checked;

/// Reads the rules; reports those that cannot be read.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Vec<Landing> {
    let parts = keys::split(tokens, errors);
    parts.iter().filter_map(|part| rule(part, errors)).collect()
}

fn rule(part: &TokenStream, errors: &mut Errors) -> Option<Landing> {
    let mut rule = Arrow::of(part);
    let always = matches!(rule.left.clone().into_iter().next(), Some(TokenTree::Ident(it)) if it == "always");
    if always {
        rule.left = rule.left.into_iter().skip(1).collect();
    }
    if rule.left.is_empty() {
        return errors.refuse(part, condition::LANDING_RULE);
    }
    if let (None, Ok(page)) = (&rule.arrow, syn::parse2::<LitStr>(rule.left.clone()))
        && page.value().starts_with('/')
    {
        return errors.refuse(&page, sentences::landing_target("_", &page.value()));
    }
    let left = advice::compact(&rule.left);
    let mut silent = Errors::default();
    if syn::parse2::<LitStr>(rule.left.clone()).is_ok()
        && Condition::read(&rule.right, Dialect::Landing, &mut silent).is_some()
    {
        let right = advice::compact(&rule.right);
        return errors.refuse(
            part,
            sentences::landing_arrow(&format!("{right} => {left}")),
        );
    }
    let when = Condition::read(&rule.left, Dialect::Landing, errors);
    let to = match (&rule.arrow, &rule.wrong) {
        (Some(arrow), _) if rule.right.is_empty() => {
            errors.refuse(arrow, sentences::landing_target(&left, ""))
        }
        (Some(_), _) => target(&left, &rule.right, errors),
        (None, Some(wrong)) => {
            let right = advice::compact(&rule.right);
            errors.refuse(
                wrong,
                sentences::landing_arrow(&format!("{left} => {right}")),
            )
        }
        (None, None) => {
            if when.is_some() {
                errors.at(part, sentences::landing_target(&left, ""));
            }
            None
        }
    };
    match (when, to) {
        (Some(when), Some(to)) => Some(Landing { when, to, always }),
        (None, Some(to)) => {
            // The rule is left out, and with it the check of its page.
            let _ = checked(&to, "a landing page", &rule::LOCAL_TARGET, errors);
            None
        }
        _ => None,
    }
}

fn target(left: &str, right: &TokenStream, errors: &mut Errors) -> Option<LitStr> {
    let mut trees = right.clone().into_iter();
    let first: TokenStream = trees.next().into_iter().collect();
    let Ok(to) = syn::parse2::<LitStr>(first) else {
        let page = right.to_string().replace(' ', "");
        return errors.refuse(right, sentences::landing_target(left, &page));
    };
    if let Some(next) = trees.next() {
        return errors.refuse(next, error::NO_COMMA);
    }
    Some(to)
}
