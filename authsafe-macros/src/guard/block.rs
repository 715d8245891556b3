//! A guard on a module or an `impl` block: it goes onto each handler within.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Ident, ImplItem, Item, ItemImpl, ItemMod, Path, Signature, parse_quote};

use crate::error::Errors;
use crate::guard::handler::is;
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
        Item::Impl(block) => in_impl(which, guard, block, unseen, errors),
        Item::Mod(module) => match &mut module.content {
            // Each of them, also after the first that has a handler.
            Some((_, items)) => {
                let modules = modules(items);
                let outside = core::mem::take(&mut unseen.checks);
                let mut found = false;
                for item in items.iter_mut().filter_map(outside_of_tests) {
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

/// Puts the guard onto the async methods of a block. One that implements a trait has no place for it.
fn in_impl(
    which: Which,
    guard: &Attribute,
    block: &mut ItemImpl,
    unseen: &mut Unseen<'_>,
    errors: &mut Errors,
) -> bool {
    let of = block.trait_.as_ref().map(|(of, _)| of);
    let around = Around::of(&block.attrs, &block.generics);
    let mut found = false;
    for item in &mut block.items {
        match item {
            ImplItem::Fn(it) if of.is_some() && is_bare(&it.attrs, &it.sig) => {
                let name = &it.sig.ident;
                let sentence = sentences::of_a_trait(which.name(), &name.to_string());
                errors.at(name, sentence);
            }
            ImplItem::Fn(it) if it.sig.asyncness.is_some() => {
                found |= on_handler(guard, &it.sig, &mut it.attrs, errors);
            }
            item => unseen.in_block(of, &around, item, errors),
        }
    }
    found
}

/// Returns the item, unless it is for tests alone, where no request comes. An attribute called `test` may be
/// anybody's: a function with one is compiled for nothing else.
pub(crate) fn outside_of_tests(item: &mut Item) -> Option<&mut Item> {
    match item {
        Item::Mod(module) if module.attrs.iter().any(is_cfg_test) => None,
        Item::Fn(function) if function.attrs.iter().any(|attr| is(attr, "test")) => {
            if !function.attrs.iter().any(is_cfg_test) {
                function.attrs.insert(0, parse_quote!(#[cfg(test)]));
            }
            None
        }
        item => Some(item),
    }
}

/// `#[cfg(test)]`, and neither `#[cfg(not(test))]` nor `#[cfg(any(test, ...))]`.
fn is_cfg_test(attr: &Attribute) -> bool {
    let asks = attr.parse_args::<Ident>();
    attr.path().is_ident("cfg") && asks.is_ok_and(|it| it == "test")
}

/// Returns the names of the modules among these items.
pub(crate) fn modules(items: &[Item]) -> Vec<String> {
    let names = items.iter().filter_map(|item| match item {
        Item::Mod(module) => Some(module.ident.to_string()),
        _ => None,
    });
    names.collect()
}

/// Returns whether it is an async function that does not say who may call it.
fn is_bare(attrs: &[Attribute], sig: &Signature) -> bool {
    sig.asyncness.is_some() && !is_policy(attrs, sig) && !attrs.iter().any(says_who)
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

    /// What `#[require_auth]` makes of a module, and how many mistakes it finds.
    fn module(items: TokenStream) -> (String, usize) {
        let module = parse_quote!(mod handlers { pub async fn order() {} #items });
        let mut errors = Errors::default();
        let runtime = parse_quote!(::authsafe::__private);
        let none = TokenStream::new();
        let guarded = expand(Which::Auth, &none, &runtime, module, &mut errors).to_string();
        (guarded, errors.count())
    }

    const GUARD: &str = "# [:: authsafe :: __private :: require_auth]";

    #[test]
    fn what_is_for_tests_alone_gets_no_guard() {
        for items in [
            quote!(
                #[cfg(test)]
                mod tests {
                    async fn helper() {}
                    #[tokio::test]
                    async fn it_works() {}
                }
            ),
            quote!(
                #[cfg(test)]
                mod tests {
                    pub fn later() -> BoxFuture<'static, ()> {}
                    cases!();
                }
            ),
            quote!(
                #[cfg(test)]
                mod tests;
            ),
            quote!(
                #[tokio::test(flavor = "multi_thread")]
                async fn it_works() {}
            ),
            quote!(
                #[test]
                fn it_works() -> impl Future {}
            ),
        ] {
            let (guarded, mistakes) = module(items);
            assert_eq!(
                (guarded.matches(GUARD).count(), mistakes),
                (1, 0),
                "{guarded}"
            );
            assert_eq!(guarded.matches("# [cfg (test)]").count(), 1, "{guarded}");
        }
    }

    #[test]
    fn what_is_compiled_without_tests_as_well_gets_a_guard() {
        for items in [
            quote!(
                #[cfg(not(test))]
                mod inner {
                    pub async fn order() {}
                }
            ),
            quote!(
                #[cfg(any(test, unix))]
                mod inner {
                    pub async fn order() {}
                }
            ),
            quote!(
                #[cfg(feature = "test")]
                mod inner {
                    pub async fn order() {}
                }
            ),
            quote!(
                #[cfg_attr(unix, cfg(test))]
                mod inner {
                    pub async fn order() {}
                }
            ),
            quote!(
                #[doc(test)]
                mod test {
                    pub async fn order() {}
                }
            ),
            quote!(
                #[cfg_attr(test, test)]
                async fn test() {}
            ),
            quote!(
                #[test::order]
                async fn order_again() {}
            ),
        ] {
            let (guarded, mistakes) = module(items);
            assert_eq!(
                (guarded.matches(GUARD).count(), mistakes),
                (2, 0),
                "{guarded}"
            );
        }
    }

    #[test]
    fn a_method_of_a_trait_has_no_place_for_a_guard() {
        let (guarded, mistakes) = module(quote! {
            impl FromRequest for Shop {
                async fn from_request() {}
            }
            impl Orders for Shop {
                #[public]
                async fn list() {}
                async fn add() {}
            }
        });
        assert_eq!(
            (guarded.matches(GUARD).count(), mistakes),
            (1, 2),
            "{guarded}"
        );
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
