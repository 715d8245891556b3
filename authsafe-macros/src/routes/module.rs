//! The module that the attribute stands on.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Ident, Item, ItemMod, token};

use crate::error::{self, Errors};
use crate::routes::sentences;

/// The names that `#[routes]` writes into it.
pub(crate) const NAMES: &[&str] = &[
    "SPEC",
    "Routes",
    "from_env",
    "from_vars",
    "from_env_or_unconfigured",
    "scopes",
];

/// Reads the module, with a body. Returns the item as it came if it is no module.
pub(crate) fn parse(item: TokenStream, errors: &mut Errors) -> Result<ItemMod, TokenStream> {
    let mut module = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Mod(module)) => module,
        Ok(other) => {
            errors.at(head(&other), error::not_a_module("routes"));
            return Err(item);
        }
        Err(error) => {
            errors.push(error);
            return Err(item);
        }
    };
    if module.content.is_none() {
        let name = module.ident.to_string();
        errors.at(&module, sentences::module_without_body("routes", &name));
        module.semi = None;
        module.content = Some((token::Brace::default(), Vec::new()));
    }
    once(&mut module, errors);
    names_free(&module, errors);
    Ok(module)
}

/// Returns the smallest thing that says what an item is.
pub(crate) fn head(item: &Item) -> TokenStream {
    match item {
        Item::Fn(item) => item.sig.ident.to_token_stream(),
        Item::Struct(item) => item.ident.to_token_stream(),
        Item::Enum(item) => item.ident.to_token_stream(),
        Item::Trait(item) => item.ident.to_token_stream(),
        Item::Impl(item) => item.impl_token.to_token_stream(),
        other => quote!(#other),
    }
}

fn once(module: &mut ItemMod, errors: &mut Errors) {
    module.attrs.retain(|attr| {
        let path = attr.path();
        let again = path
            .segments
            .last()
            .is_some_and(|last| last.ident == "routes")
            && path.segments.len() <= 2;
        if again {
            errors.at(path, sentences::ROUTES_TWICE);
        }
        !again
    });
}

fn names_free(module: &ItemMod, errors: &mut Errors) {
    for ident in names(module) {
        if NAMES.iter().any(|name| ident == name) {
            errors.at(ident, sentences::taken(&ident.to_string()));
        }
    }
}

/// Returns the names of the user's own items that generated ones could meet.
pub(crate) fn names(module: &ItemMod) -> Vec<&Ident> {
    let items = module.content.iter().flat_map(|(_, items)| items);
    items.filter_map(name).collect()
}

fn name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Const(item) => Some(&item.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Mod(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}
