//! What comes out where something is wrong: the errors, the user's module, and a stub of what
//! was promised, so that one mistake gives one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemMod;

use crate::routes::expand;
use crate::routes::spec::{Known, Spec};

pub(crate) fn expand(mut module: ItemMod, spec: &Spec, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    // Where there are none, the guards are told that nothing is known about them.
    let Known { scopes, roles } = &spec.known;
    let fields = quote!(scopes: &[#(#scopes),*], roles: &[#(#roles),*],);
    expand::fill(&mut module, spec, &fields);
    quote!(#errors #module)
}

/// The item is no module: it comes out as it went in.
pub(crate) fn without_module(item: TokenStream, errors: Option<&syn::Error>) -> TokenStream {
    let errors = errors.map(syn::Error::to_compile_error);
    quote!(#errors #item)
}
