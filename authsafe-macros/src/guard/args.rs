//! What stands in the parentheses: a condition, then `routes = ...` and `crate = ...`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use crate::condition::{self, Condition, Dialect};
use crate::error::{self, Errors};
use crate::guard::{Which, sentences};
use crate::key::Key;
use crate::keys::{self, keys};
use crate::krate;
use crate::rule;
use crate::unauthenticated;
use crate::value::{self, checked};

/// The usage of the key `routes`.
pub(crate) const ROUTES_USAGE: &str = "routes = crate::auth` or `routes = any";

pub(crate) struct GuardArgs {
    pub(crate) asked: Asked,
    pub(crate) routes: Option<Key>,
    pub(crate) unauthenticated: Option<Key>,
    pub(crate) krate: Option<Key>,
}

/// The condition or the policy that lets a visitor in.
#[derive(Clone)]
pub(crate) enum Asked {
    Condition(Condition),
    /// A policy of the app's own, by its type.
    Policy(Path),
    /// A condition with such policies in it.
    Tree(Condition),
}

impl Asked {
    /// Returns the condition, whatever is in it.
    pub(crate) fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Condition(condition) | Self::Tree(condition) => Some(condition),
            Self::Policy(_) => None,
        }
    }

    /// Returns the policies of the app's own in it.
    pub(crate) fn policies(&self) -> Vec<&Path> {
        match self {
            Self::Condition(condition) | Self::Tree(condition) => condition.policies(),
            Self::Policy(path) => vec![path],
        }
    }
}

keys!(
    /// The keys that may follow a condition.
    GuardKeys in "" {
        routes: "routes" = ROUTES_USAGE,
        unauthenticated: "unauthenticated" = unauthenticated::USAGE,
        krate: "crate" = krate::USAGE,
    }
);

keys!(
    /// The keys of `#[require_auth]`.
    AuthKeys in "" {
        routes: "routes" = ROUTES_USAGE,
        unauthenticated: "unauthenticated" = unauthenticated::USAGE,
        krate: "crate" = krate::USAGE,
    }
);

keys!(
    /// The keys of `#[require(policy = ...)]`.
    PolicyKeys in "" {
        policy: "policy" = "policy = path::to::policy",
        krate: "crate" = krate::USAGE,
    }
);

keys!(
    /// The keys of `#[require_recent]`.
    RecentKeys in "" {
        max_age: "max_age" = r#"max_age = "8h""#,
        routes: "routes" = ROUTES_USAGE,
        unauthenticated: "unauthenticated" = unauthenticated::USAGE,
        krate: "crate" = krate::USAGE,
    }
);

pub(crate) fn parse(which: Which, args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    match which {
        Which::Auth => auth(args, errors),
        Which::Recent => recent(which, args, errors),
        Which::Names(kind) => conditional(which, Dialect::Names(kind), args, errors),
        Which::Tree if begins_with_policy(&args) => policy(args, errors),
        Which::Tree => conditional(which, Dialect::Policies, args, errors),
        Which::Policy => conditional(which, Dialect::Tree, args, errors),
    }
}

fn auth(args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    if begins_with_literal(&args) {
        errors.at(args, sentences::AUTH_ARGS);
        return None;
    }
    let keys: AuthKeys = keys::parse(args, errors);
    Some(GuardArgs {
        asked: Asked::Condition(Condition::everybody()),
        routes: keys.routes,
        unauthenticated: keys.unauthenticated,
        krate: keys.krate,
    })
}

fn recent(which: Which, args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    if args.is_empty() || begins_with_literal(&args) {
        errors.at(args, sentences::guard_empty(which.name()));
        return None;
    }
    let before = errors.count();
    let keys: RecentKeys = keys::parse(args.clone(), errors);
    let Some(max_age) = &keys.max_age else {
        if errors.count() == before {
            errors.at(args, sentences::guard_empty(which.name()));
        }
        return None;
    };
    let text = value::literal(max_age, errors)?;
    checked(&text, "max_age", &rule::DURATION, errors)?;
    Some(GuardArgs {
        asked: Asked::Condition(Condition::recent(text)),
        routes: keys.routes,
        unauthenticated: keys.unauthenticated,
        krate: keys.krate,
    })
}

fn policy(args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    let keys: PolicyKeys = keys::parse(args, errors);
    let path = value::path(keys.policy.as_ref()?, errors)?;
    Some(GuardArgs {
        asked: Asked::Policy(path),
        routes: None,
        unauthenticated: None,
        krate: keys.krate,
    })
}

fn conditional(
    which: Which,
    dialect: Dialect,
    args: TokenStream,
    errors: &mut Errors,
) -> Option<GuardArgs> {
    if args.is_empty() {
        errors.at(args, sentences::guard_empty(which.name()));
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        if input.peek2(Token![=]) {
            return Err(input.error(sentences::guard_empty(which.name())));
        }
        let condition = Condition::parse(input, dialect)?;
        if input.is_empty() {
            return Ok((condition, TokenStream::new()));
        }
        if !input.peek(Token![,]) {
            return Err(input.error(error::NO_COMMA));
        }
        let _: Token![,] = input.parse()?;
        if begins_with_policy(&input.fork().parse()?) {
            return Err(input.error(condition::POLICY_ALONE));
        }
        if input.peek(syn::LitStr) || input.peek2(syn::token::Paren) {
            return Err(input.error(condition::all_or_any(dialect.part())));
        }
        Ok((condition, input.parse()?))
    };
    match parser.parse2(args) {
        Ok((condition, rest)) => {
            let keys: GuardKeys = keys::parse(rest, errors);
            Some(GuardArgs {
                asked: match condition.policies().is_empty() {
                    true => Asked::Condition(condition),
                    false => Asked::Tree(condition),
                },
                routes: keys.routes,
                unauthenticated: keys.unauthenticated,
                krate: keys.krate,
            })
        }
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

/// Returns whether it is `policy = ...`, whatever comes after it.
fn begins_with_policy(args: &TokenStream) -> bool {
    let mut args = args.clone().into_iter();
    matches!(args.next(), Some(TokenTree::Ident(key)) if key == "policy")
        && matches!(args.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=')
}

fn begins_with_literal(args: &TokenStream) -> bool {
    matches!(args.clone().into_iter().next(), Some(TokenTree::Literal(_)))
}
