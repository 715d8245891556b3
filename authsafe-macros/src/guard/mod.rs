//! `#[require_scope(...)]` and its kin: a function as written, with one argument more.

mod args;
mod below;
mod block;
mod check;
mod expand;
mod handler;
mod openapi;
mod sentences;
mod together;
mod typed;
mod unseen;

use proc_macro2::TokenStream;

use crate::condition::Kind;
use crate::error::Errors;
use crate::feature;

pub(crate) use args::{Asked, ROUTES_USAGE};
pub(crate) use block::{modules, outside_of_tests};
pub(crate) use check::{Guard, Routes, routes, sign_in};
pub(crate) use handler::path_of;

/// The attributes that guard, by what they ask for.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    /// `#[require_auth]`
    Auth,
    /// `#[require_scope("...")]`, `#[require_role("...")]` and so on.
    Names(Kind),
    /// `#[require_recent(max_age = "...")]`
    Recent,
    /// `#[require(...)]`
    Tree,
    /// `#[policy(...)]`, which gives a name to what a guard asks for.
    Policy,
}

impl Which {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "require_auth",
            Self::Names(Kind::Scope) => "require_scope",
            Self::Names(Kind::Role) => "require_role",
            Self::Names(Kind::Permission) => "require_permission",
            Self::Names(Kind::Org) => "require_org",
            Self::Recent => "require_recent",
            Self::Tree => "require",
            Self::Policy => "policy",
        }
    }

    /// Returns the one of this name.
    fn of(name: &str) -> Option<Self> {
        let kinds = [Kind::Scope, Kind::Role, Kind::Permission, Kind::Org].map(Self::Names);
        let others = [Self::Auth, Self::Recent, Self::Tree];
        let mut all = kinds.into_iter().chain(others);
        all.find(|which| which.name() == name)
    }
}

pub(crate) fn guard(which: Which, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    feature::framework(which.name(), &mut errors);
    let written = args.clone();
    let args = args::parse(which, args, &mut errors);
    let guard = args.and_then(|args| check::check(args, &mut errors));
    // Whatever was not understood, an item without its guard does not compile.
    if guard.is_none() && errors.count() == 0 {
        errors.at(&written, sentences::guard_empty(which.name()));
    }
    if let Some(block) = block::parse(&item) {
        let item = match &guard {
            Some(guard) if errors.count() == 0 => {
                block::expand(which, &written, &guard.runtime, block, &mut errors)
            }
            _ => item,
        };
        return errors.before(item);
    }
    match handler::parse(which.name(), item, &mut errors) {
        Ok(handler) => {
            if let Some(guard) = &guard {
                together::check(guard, &handler, &mut errors);
            }
            match &guard {
                Some(guard) if errors.count() == 0 => expand::expand(handler, guard),
                _ => errors.before(handler),
            }
        }
        Err(item) => errors.before(item),
    }
}

/// Reads a condition that guards nothing yet. Returns what it means, and the constants that check its
/// names.
pub(crate) fn condition(args: TokenStream, errors: &mut Errors) -> Option<(Guard, TokenStream)> {
    let args = args::parse(Which::Policy, args, errors)?;
    let guard = check::check(args, errors)?;
    let checks = expand::declared(&guard);
    Some((guard, checks))
}

/// Expands `#[public]`. It says to `#[protected]` that everybody may pass, and changes nothing.
pub(crate) fn public(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    handler::check_public(args, item.clone(), &mut errors);
    errors.before(item)
}

pub(crate) use openapi::check_order;
pub(crate) use unseen::{Around, Unseen};

/// Returns whether this attribute says who may call the handler that it stands on.
pub(crate) fn says_who(attr: &syn::Attribute) -> bool {
    handler::guard_name(attr).is_some() || handler::is(attr, "public")
}

/// Returns whether this function is a policy. Then it is no handler. An attribute of another crate may have the
/// same name, so the function has to look like one: no handler's first argument is a reference.
pub(crate) fn is_policy(attrs: &[syn::Attribute], sig: &syn::Signature) -> bool {
    attrs.iter().any(|attr| handler::is(attr, "policy"))
        && sig.inputs.first().is_some_and(is_reference)
}

pub(crate) fn is_reference(input: &syn::FnArg) -> bool {
    matches!(input, syn::FnArg::Typed(it) if matches!(*it.ty, syn::Type::Reference(_)))
}

/// Counts the mistakes in a guard that has this key.
pub(crate) fn mistakes(key: &str) -> usize {
    let which = match key.split(' ').next() {
        Some("max_age") => Which::Recent,
        Some("policy") => Which::Tree,
        _ => Which::Auth,
    };
    let Ok(args) = key.parse() else {
        return usize::MAX;
    };
    let mut errors = Errors::default();
    let args = args::parse(which, args, &mut errors);
    let _ = args.and_then(|args| check::check(args, &mut errors));
    errors.count()
}
