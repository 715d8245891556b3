//! What stands in the parentheses: a condition, then `routes = ...` and `crate = ...`.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Meta, Token};

use crate::condition::{Condition, Dialect};
use crate::error::{self, Errors};
use crate::guard::Which;
use crate::keys::{self, keys};
use crate::rule;
use crate::value::{self, checked};

pub(crate) struct GuardArgs {
    pub(crate) condition: Condition,
    pub(crate) routes: Option<Meta>,
    pub(crate) krate: Option<Meta>,
}

keys!(
    /// What may follow a condition.
    GuardKeys {
        routes: "routes",
        krate: "crate",
    }
);

keys!(
    /// What `#[require_auth]` takes.
    AuthKeys { krate: "crate", }
);

keys!(
    /// What `#[require_recent]` takes.
    RecentKeys {
        max_age: "max_age",
        krate: "crate",
    }
);

pub(crate) fn parse(which: Which, args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    match which {
        Which::Auth => auth(args, errors),
        Which::Recent => recent(which, args, errors),
        Which::Names(kind) => condition(which, Dialect::Names(kind), args, errors),
        Which::Tree => condition(which, Dialect::Tree, args, errors),
    }
}

fn auth(args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    if begins_with_literal(&args) {
        errors.at(args, error::AUTH_ARGS);
        return None;
    }
    let keys: AuthKeys = keys::parse(args, errors);
    Some(GuardArgs {
        condition: Condition::Everybody(Token![_](Span::call_site())),
        routes: None,
        krate: keys.krate,
    })
}

fn recent(which: Which, args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    if args.is_empty() || begins_with_literal(&args) {
        errors.at(args, error::guard_empty(which.name()));
        return None;
    }
    let before = errors.count();
    let keys: RecentKeys = keys::parse(args.clone(), errors);
    let Some(max_age) = &keys.max_age else {
        if errors.count() == before {
            errors.at(args, error::guard_empty(which.name()));
        }
        return None;
    };
    let text = value::literal(max_age, errors)?;
    checked(&text, "max_age", rule::duration, errors)?;
    Some(GuardArgs {
        condition: Condition::recent(text),
        routes: None,
        krate: keys.krate,
    })
}

fn condition(
    which: Which,
    dialect: Dialect,
    args: TokenStream,
    errors: &mut Errors,
) -> Option<GuardArgs> {
    if args.is_empty() {
        errors.at(args, error::guard_empty(which.name()));
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        if input.peek2(Token![=]) {
            return Err(input.error(error::guard_empty(which.name())));
        }
        let condition = Condition::parse(input, dialect)?;
        if input.is_empty() {
            return Ok((condition, TokenStream::new()));
        }
        if !input.peek(Token![,]) {
            return Err(input.error(error::NO_COMMA));
        }
        let _: Token![,] = input.parse()?;
        if input.peek(syn::LitStr) || input.peek2(syn::token::Paren) {
            return Err(input.error(error::all_or_any(dialect.part())));
        }
        Ok((condition, input.parse()?))
    };
    match parser.parse2(args) {
        Ok((condition, rest)) => {
            let keys: GuardKeys = keys::parse(rest, errors);
            Some(GuardArgs {
                condition,
                routes: keys.routes,
                krate: keys.krate,
            })
        }
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn begins_with_literal(args: &TokenStream) -> bool {
    matches!(args.clone().into_iter().next(), Some(TokenTree::Literal(_)))
}
