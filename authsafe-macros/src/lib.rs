//! The attributes of the `authsafe` crate.

mod condition;
mod error;
#[cfg(test)]
mod expansion;
mod feature;
mod guard;
mod keys;
mod krate;
mod protected;
mod routes;
mod rule;
mod value;

use proc_macro::TokenStream;

/// Sign-in, from one attribute.
#[proc_macro_attribute]
pub fn routes(args: TokenStream, item: TokenStream) -> TokenStream {
    routes::routes(args.into(), item.into()).into()
}

/// Lets in who has a scope.
#[proc_macro_attribute]
pub fn require_scope(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::require_scope(args.into(), item.into()).into()
}

/// Says that everybody may call this handler.
#[proc_macro_attribute]
pub fn public(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::public(args.into(), item.into()).into()
}

/// Every handler in the module says who may call it, or does not compile.
#[proc_macro_attribute]
pub fn protected(args: TokenStream, item: TokenStream) -> TokenStream {
    protected::protected(args.into(), item.into()).into()
}
