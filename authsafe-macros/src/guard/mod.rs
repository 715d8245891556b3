//! `#[require_scope(...)]` and its kin: a function as written, with one argument more.

mod args;
mod check;
mod expand;
mod handler;

use proc_macro2::TokenStream;
use quote::quote;

use crate::error::Errors;
use crate::feature;

pub(crate) fn require_scope(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    feature::client("require_scope", &mut errors);
    let args = args::parse("require_scope", args, &mut errors);
    let guard = args.and_then(|args| check::check(args, &mut errors));
    match handler::parse("require_scope", item, &mut errors) {
        Ok(handler) => expand::expand(handler, guard.as_ref(), errors.finish().as_ref()),
        Err(item) => {
            let errors = errors.finish().map(|errors| errors.to_compile_error());
            quote!(#errors #item)
        }
    }
}

/// `#[public]`: everybody may pass. Says so to `#[protected]`, and changes nothing.
pub(crate) fn public(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    handler::check_public(args, item.clone(), &mut errors);
    let errors = errors.finish().map(|errors| errors.to_compile_error());
    quote!(#errors #item)
}

/// Does this attribute say who may call the handler that it stands on?
pub(crate) fn says_who(attr: &syn::Attribute) -> bool {
    handler::guard_name(attr).is_some() || handler::is(attr, "public")
}
