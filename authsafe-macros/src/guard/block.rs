//! A guard on a module or an `impl` block: it goes onto each handler within.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ImplItem, Item, ItemImpl, ItemMod, Path, Signature, parse_quote};

use crate::error::Errors;
use crate::guard::{Around, Unseen, Which, check_order, is_policy, says_who, sentences};

/// Reads a module or an `impl` block, if it is one.
pub(crate) fn parse(item: &TokenStream) -> Option<Item> {
    match syn::parse2(item.clone()) {
        Ok(item @ (Item::Mod(_) | Item::Impl(_))) => Some(item),
        _ => None,
    }
}

/// Writes the item with the guard on each handler that does not say itself who may call it.
pub(crate) fn expand(
    which: Which,
    args: &TokenStream,
    runtime: &Path,
    mut item: Item,
    errors: &mut Errors,
) -> TokenStream {
    let name = syn::Ident::new(which.name(), proc_macro2::Span::call_site());
    let guard = if args.is_empty() {
        parse_quote!(#[#runtime::#name])
    } else {
        parse_quote!(#[#runtime::#name(#args)])
    };
    let before = errors.count();
    let mut unseen = Unseen {
        attribute: which.name(),
        runtime,
        private: true,
        checks: Vec::new(),
    };
    if !below(which, &guard, &mut item, &mut unseen, errors) && errors.count() == before {
        errors.at(
            crate::routes::head(&item),
            sentences::nothing_to_guard(which.name()),
        );
    }
    let checks = unseen.checks;
    quote!(#item #(#checks)*)
}

/// Puts the guard onto the handlers in an item. Returns whether there is a handler in it.
fn in_item(
    which: Which,
    guard: &Attribute,
    item: &mut Item,
    unseen: &mut Unseen<'_>,
    errors: &mut Errors,
) -> bool {
    match item {
        // One that says so itself decides.
        Item::Impl(ItemImpl { attrs, .. }) | Item::Mod(ItemMod { attrs, .. })
            if attrs.iter().any(says_who) =>
        {
            true
        }
        item => below(which, guard, item, unseen, errors),
    }
}

/// Does as [`in_item`] for the item that the guard stands on. Others may stand on it as well: each of them counts.
fn below(
    which: Which,
    guard: &Attribute,
    item: &mut Item,
    unseen: &mut Unseen<'_>,
    errors: &mut Errors,
) -> bool {
    match item {
        Item::Fn(item) if item.sig.asyncness.is_some() => {
            on_handler(guard, &item.sig, &mut item.attrs, errors)
        }
        Item::Impl(block) => {
            let of = block.trait_.as_ref().map(|(of, _)| of);
            let around = Around::of(&block.attrs, &block.generics);
            block
                .items
                .iter_mut()
                .fold(false, |found, item| match item {
                    ImplItem::Fn(it) if it.sig.asyncness.is_some() => {
                        on_handler(guard, &it.sig, &mut it.attrs, errors) || found
                    }
                    item => {
                        unseen.in_block(of, &around, item, errors);
                        found
                    }
                })
        }
        Item::Mod(module) => match &mut module.content {
            // Each of them, also after the first that has a handler.
            Some((_, items)) => {
                let modules = modules(items);
                let outside = core::mem::take(&mut unseen.checks);
                let mut found = false;
                for item in items.iter_mut() {
                    if !matches!(item, Item::Fn(it) if it.sig.asyncness.is_some()) {
                        unseen.in_item(item, &modules, errors);
                    }
                    found |= in_item(which, guard, item, unseen, errors);
                }
                // They name types as they are named within.
                let checks = core::mem::replace(&mut unseen.checks, outside);
                items.extend(checks.into_iter().map(Item::Verbatim));
                found
            }
            None => {
                let name = module.ident.to_string();
                let sentence = sentences::guarded_elsewhere(which.name(), &name);
                errors.at(quote!(#module), sentence);
                false
            }
        },
        _ => false,
    }
}

/// Returns the names of the modules among these items.
pub(crate) fn modules(items: &[Item]) -> Vec<String> {
    let names = items.iter().filter_map(|item| match item {
        Item::Mod(module) => Some(module.ident.to_string()),
        _ => None,
    });
    names.collect()
}

/// Puts the guard onto an async function, a private one too: a router beside it may serve it. Returns
/// whether it is a handler, which a policy is not.
fn on_handler(
    guard: &Attribute,
    sig: &Signature,
    attrs: &mut Vec<Attribute>,
    errors: &mut Errors,
) -> bool {
    if is_policy(attrs, sig) {
        return false;
    }
    check_order(attrs, errors);
    // Those of the blocks around it, and of the guards above this one, stand at the top.
    let from_blocks = attrs.iter().take_while(|attr| is_from_block(attr)).count();
    if !attrs[from_blocks..].iter().any(says_who) {
        attrs.insert(from_blocks, guard.clone());
    }
    true
}

/// Returns whether a guard was put here by [`expand`]: nobody writes its path.
fn is_from_block(attr: &Attribute) -> bool {
    let mut segments = attr.path().segments.iter().rev().skip(1);
    says_who(attr) && segments.next().is_some_and(|it| it.ident == "__private")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_attribute_called_policy_takes_no_guard_away() {
        let module: Item = parse_quote! {
            mod handlers {
                #[retries::policy]
                pub async fn order(body: String) {}

                #[retries::policy]
                pub async fn sell(id: Path<u64>, body: String) {}

                #[authsafe::policy]
                pub async fn owner(session: &Session, request: &Parts) -> bool { true }

                #[authsafe::policy]
                pub async fn reader(session: &Session, shop: State<Shop>, id: Path<u64>) -> bool { true }
            }
        };
        let mut errors = Errors::default();
        let runtime = parse_quote!(::authsafe::__private);
        let none = TokenStream::new();
        let guarded = expand(Which::Auth, &none, &runtime, module, &mut errors).to_string();
        assert_eq!(errors.count(), 0);
        let guard = ":: authsafe :: __private :: require_auth";
        assert_eq!(guarded.matches(guard).count(), 2, "{guarded}");
        let (handlers, policy) = guarded.split_at(guarded.find("fn owner").unwrap());
        assert_eq!(handlers.matches(guard).count(), 2, "{policy}");
    }

    #[test]
    fn each_guard_on_a_block_counts() {
        let runtime = parse_quote!(::authsafe::__private);
        let expand = |which, args: TokenStream, item| {
            let mut errors = Errors::default();
            let guarded = expand(which, &args, &runtime, item, &mut errors);
            assert_eq!(errors.count(), 0);
            guarded
        };
        let org = Which::Names(crate::condition::Kind::Org);
        let first = expand(
            org,
            quote!("a"),
            parse_quote! {
                #[require_role("x")]
                mod handlers {
                    pub async fn order() {}

                    #[require_auth]
                    pub async fn own() {}

                    #[require_auth]
                    mod inner {
                        pub async fn own() {}
                    }
                }
            },
        );
        let mut module: ItemMod = syn::parse2(first).unwrap();
        let below = module.attrs.remove(0);
        let role = Which::Names(crate::condition::Kind::Role);
        let args = below.meta.require_list().unwrap().tokens.clone();
        let both = expand(role, args, Item::Mod(module)).to_string();
        let expected = quote! {
            mod handlers {
                #[::authsafe::__private::require_org("a")]
                #[::authsafe::__private::require_role("x")]
                pub async fn order() {}

                #[require_auth]
                pub async fn own() {}

                #[require_auth]
                mod inner {
                    pub async fn own() {}
                }
            }
        };
        assert_eq!(both, expected.to_string());
    }
}
