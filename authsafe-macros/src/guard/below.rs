//! The guards that stand below another one, which are expanded after it.

use proc_macro2::TokenStream;
use syn::{Attribute, Meta};

use crate::error::Errors;
use crate::guard::args::{self, GuardArgs};
use crate::guard::check::Guard;
use crate::guard::{Which, check, handler};

/// Reads what a guard says. A mistake in it is reported when that guard is expanded.
pub(crate) fn parse(attr: &Attribute) -> Option<GuardArgs> {
    let which = Which::of(handler::guard_name(attr)?)?;
    let tokens = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    args::parse(which, tokens, &mut Errors::default())
}

/// Returns the guards that can be read.
pub(crate) fn guards(attrs: &[Attribute]) -> impl Iterator<Item = Guard> {
    let guards = attrs.iter().filter_map(parse);
    guards.filter_map(|args| check::check(args, &mut Errors::default()))
}
