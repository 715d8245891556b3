//! `#[authsafe::protected]`: every handler in the module says who may call it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ImplItem, Item, Signature, Visibility};

use crate::error::{self, Errors};
use crate::guard;
use crate::routes::head;

pub(crate) fn protected(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if !args.is_empty() {
        errors.at(args, error::PROTECTED_ARGS);
    }
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Mod(module)) if module.attrs.iter().any(guard::says_who) => {}
        Ok(Item::Mod(module)) => in_module(&module, &mut errors),
        Ok(other) => errors.at(head(&other), error::not_a_module("protected")),
        Err(error) => errors.push(error),
    }
    let errors = errors.finish().map(|errors| errors.to_compile_error());
    quote!(#errors #item)
}

fn in_module(module: &syn::ItemMod, errors: &mut Errors) {
    let Some((_, items)) = &module.content else {
        let name = module.ident.to_string();
        errors.at(module, error::protected_elsewhere(&name));
        return;
    };
    for item in items {
        match item {
            Item::Fn(item) if item.sig.asyncness.is_some() => {
                handler(&item.vis, &item.attrs, &item.sig, errors);
            }
            // A guard on a block is one on each handler in it.
            Item::Impl(item) if !item.attrs.iter().any(guard::says_who) => in_impl(item, errors),
            Item::Mod(inner) if !inner.attrs.iter().any(guard::says_who) => {
                in_module(inner, errors);
            }
            _ => {}
        }
    }
}

fn in_impl(item: &syn::ItemImpl, errors: &mut Errors) {
    for item in &item.items {
        if let ImplItem::Fn(method) = item
            && method.sig.asyncness.is_some()
        {
            handler(&method.vis, &method.attrs, &method.sig, errors);
        }
    }
}

/// A handler is an async function with any `pub` that is no policy.
fn handler(vis: &Visibility, attrs: &[Attribute], sig: &Signature, errors: &mut Errors) {
    guard::check_order(attrs, errors);
    let private = matches!(vis, Visibility::Inherited);
    let settled = attrs.iter().any(guard::says_who) || guard::is_policy(attrs, sig);
    if !private && !settled {
        errors.at(&sig.ident, error::unguarded(&sig.ident.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_attribute_called_policy_guards_nothing() {
        let said = |handler: TokenStream| {
            let module = quote!(mod handlers { #handler });
            protected(TokenStream::new(), module).to_string()
        };
        let foreign = said(quote!(
            #[retries::policy]
            pub async fn order(body: String) {}
        ));
        assert!(foreign.contains("compile_error"), "{foreign}");
        let ours = said(quote! {
            #[authsafe::policy]
            pub async fn owner(session: &Session, request: &Parts) -> bool { true }
        });
        assert!(!ours.contains("compile_error"), "{ours}");
    }
}
