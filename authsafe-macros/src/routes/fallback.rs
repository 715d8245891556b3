//! What comes out beside the errors where something is wrong: the user's module, and a stub of what
//! was promised, so that one mistake gives one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemMod;

use crate::routes::expand;
use crate::routes::spec::{Known, Spec};

pub(crate) fn expand(mut module: ItemMod, spec: &Spec) -> TokenStream {
    // Where there are none, the guards are told that nothing is known about them.
    let Known { scopes, roles } = &spec.known;
    let fields = quote!(scopes: &[#(#scopes),*], roles: &[#(#roles),*],);
    expand::fill(&mut module, spec, &fields);
    quote!(#module)
}
