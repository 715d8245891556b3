//! The guards that stand below another one, which are expanded after it.

use proc_macro2::TokenStream;
use syn::{Attribute, Meta};

use crate::error::Errors;
use crate::guard::args::{self, GuardArgs};
use crate::guard::{Which, check, handler};

/// What a guard says. One with a mistake tells of it itself.
pub(crate) fn parse(attr: &Attribute) -> Option<GuardArgs> {
    let which = Which::of(handler::guard_name(attr)?)?;
    let tokens = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    args::parse(which, tokens, &mut Errors::default())
}

/// What they say of whose session they ask for.
pub(crate) fn sign_ins(attrs: &[Attribute]) -> impl Iterator<Item = TokenStream> {
    let guards = attrs.iter().filter_map(parse);
    let guards = guards.filter_map(|args| check::check(args, &mut Errors::default()));
    guards.filter_map(|guard| guard.sign_in())
}
