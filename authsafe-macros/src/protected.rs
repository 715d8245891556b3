//! `#[authsafe::protected]`: every handler in the module says who may call it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ImplItem, Item, ItemImpl, ItemMod, Signature, Visibility};

use crate::error::{self, Errors};
use crate::guard::{self, Around, Unseen};
use crate::keys::{self, keys};
use crate::krate;
use crate::routes::head;

keys!(
    /// The keys of `#[protected]`.
    ProtectedKeys in "" { krate: "crate" = krate::USAGE, }
);

pub(crate) fn protected(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut keys = ProtectedKeys::default();
    match args.clone().into_iter().next() {
        None => {}
        Some(first) if first.to_string() == "crate" => keys = keys::parse(args, &mut errors),
        Some(_) => errors.at(args, PROTECTED_ARGS),
    }
    let runtime = krate::runtime(keys.krate.as_ref(), &mut errors);
    let mut item = item;
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Mod(module)) if module.attrs.iter().any(guard::says_who) => {}
        Ok(Item::Mod(mut module)) => {
            let mut unseen = Unseen {
                attribute: "protected",
                runtime: &runtime,
                private: false,
                checks: Vec::new(),
            };
            in_module(&mut module, &mut unseen, &mut errors);
            item = quote!(#module);
        }
        Ok(other) => errors.at(head(&other), error::not_a_module("protected")),
        Err(error) => errors.push(error),
    }
    errors.before(item)
}

fn in_module(module: &mut ItemMod, unseen: &mut Unseen<'_>, errors: &mut Errors) {
    let Some((_, items)) = &mut module.content else {
        let name = module.ident.to_string();
        errors.at(&*module, protected_elsewhere(&name));
        return;
    };
    let modules = guard::modules(items);
    let outside = core::mem::take(&mut unseen.checks);
    for item in items.iter_mut().filter_map(guard::outside_of_tests) {
        match item {
            Item::Fn(item) if item.sig.asyncness.is_some() => {
                handler(&item.vis, &item.attrs, &item.sig, errors);
            }
            // A guard on a block is one on each handler in it.
            Item::Impl(item) if !item.attrs.iter().any(guard::says_who) => {
                in_impl(item, unseen, errors);
            }
            Item::Mod(inner) if !inner.attrs.iter().any(guard::says_who) => {
                in_module(inner, unseen, errors);
            }
            item => unseen.in_item(item, &modules, errors),
        }
    }
    // They name types as they are named within.
    let checks = core::mem::replace(&mut unseen.checks, outside);
    items.extend(checks.into_iter().map(Item::Verbatim));
}

fn in_impl(block: &ItemImpl, unseen: &mut Unseen<'_>, errors: &mut Errors) {
    let of = block.trait_.as_ref().map(|(of, _)| of);
    let around = Around::of(&block.attrs, &block.generics);
    for item in &block.items {
        match item {
            ImplItem::Fn(method) if method.sig.asyncness.is_some() => {
                handler(&method.vis, &method.attrs, &method.sig, errors);
            }
            item => unseen.in_block(of, &around, item, errors),
        }
    }
}

/// Reports a handler without a guard: an async function with any `pub` that is no policy.
fn handler(vis: &Visibility, attrs: &[Attribute], sig: &Signature, errors: &mut Errors) {
    guard::check_order(attrs, errors);
    let private = matches!(vis, Visibility::Inherited);
    let settled = attrs.iter().any(guard::says_who) || guard::is_policy(attrs, sig);
    if !private && !settled {
        errors.at(&sig.ident, unguarded(&sig.ident.to_string()));
    }
}

// Sentences.

fn unguarded(name: &str) -> String {
    format!(
        "nothing guards `{name}`; write `#[require_scope(\"...\")]` above it, or `#[public]` if everybody may call it"
    )
}

const PROTECTED_ARGS: &str =
    "`#[protected]` takes nothing; the guards on the handlers say who may pass";

fn protected_elsewhere(module: &str) -> String {
    format!(
        "`#[protected]` cannot see into another file; write `mod {module} {{ ... }}` with its body here"
    )
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
        for arguments in [
            quote!(session: &Session, request: &Parts),
            quote!(session: &Session),
            quote!(session: &Session, shop: State<Shop>, id: Path<u64>),
        ] {
            let ours = said(quote! {
                #[authsafe::policy]
                pub async fn owner(#arguments) -> bool { true }
            });
            assert!(!ours.contains("compile_error"), "{ours}");
        }
    }

    #[test]
    fn what_is_for_tests_alone_needs_no_guard() {
        let said = |item: &str| {
            let module = format!("mod handlers {{ {item} }}");
            protected(TokenStream::new(), module.parse().unwrap()).to_string()
        };
        for item in [
            "#[cfg(test)] pub mod tests { pub async fn helper() {} #[tokio::test] pub async fn it_works() {} }",
            "#[cfg(test)] mod tests;",
            "#[tokio::test] pub async fn it_works() {}",
        ] {
            let said = said(item);
            assert!(!said.contains("compile_error"), "{said}");
            assert!(said.contains("# [cfg (test)]"), "{said}");
        }
        for item in [
            "#[cfg(not(test))] pub mod inner { pub async fn order() {} }",
            "#[cfg(any(test, unix))] pub mod inner { pub async fn order() {} }",
            "#[cfg_attr(test, test)] pub async fn order() {}",
            "#[test::order] pub async fn order() {}",
        ] {
            let said = said(item);
            assert!(said.contains("compile_error"), "{said}");
        }
    }
}
