//! What stands in the parentheses: a condition, then `routes = ...` and `crate = ...`.

use proc_macro2::TokenStream;
use syn::Token;
use syn::parse::{ParseStream, Parser};

use crate::condition::{Condition, Dialect};
use crate::error::{self, Errors};
use crate::keys::{self, keys};

pub(crate) struct GuardArgs {
    pub(crate) condition: Condition,
    pub(crate) keys: GuardKeys,
}

keys!(
    /// What may follow the condition.
    GuardKeys {
        routes: "routes",
        krate: "crate",
    }
);

pub(crate) fn parse(guard: &str, args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    if args.is_empty() {
        errors.at(args, error::guard_empty(guard));
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        if input.peek2(Token![=]) {
            return Err(input.error(error::guard_empty(guard)));
        }
        let condition = Condition::parse(input, Dialect::Scopes)?;
        if input.is_empty() {
            return Ok((condition, TokenStream::new()));
        }
        if !input.peek(Token![,]) {
            return Err(input.error(error::NO_COMMA));
        }
        let _: Token![,] = input.parse()?;
        if input.peek(syn::LitStr) || input.peek2(syn::token::Paren) {
            return Err(input.error(error::ALL_OR_ANY));
        }
        Ok((condition, input.parse()?))
    };
    match parser.parse2(args) {
        Ok((condition, rest)) => {
            let keys = keys::parse(rest, errors);
            Some(GuardArgs { condition, keys })
        }
        Err(error) => {
            errors.push(error);
            None
        }
    }
}
