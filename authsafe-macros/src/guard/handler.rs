//! The function that a guard stands on. Its body is carried along unread.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Item, Path, ReturnType, Signature, Token, Type, Visibility};

use crate::error::Errors;
use crate::guard::{Which, check_order, sentences};
use crate::routes::head;

pub(crate) struct Handler {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    pub(crate) body: Group,
}

impl Parse for Handler {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let defaultness = input.parse()?;
        let sig = input.parse()?;
        let body = body(input.parse()?)?;
        Ok(Self {
            attrs,
            vis,
            defaultness,
            sig,
            body,
        })
    }
}

/// Returns the body that this is. A macro wraps its `$body:block` into a group without delimiters.
fn body(token: TokenTree) -> syn::Result<Group> {
    match token {
        TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => Ok(body),
        TokenTree::Group(wrapped) if wrapped.delimiter() == Delimiter::None => {
            body(syn::parse2(wrapped.stream())?)
        }
        other => Err(syn::Error::new_spanned(other, "expected a body")),
    }
}

/// The handler; or the item as it came, where a guard cannot stand on it.
pub(crate) fn parse(
    guard: &str,
    item: TokenStream,
    errors: &mut Errors,
) -> Result<Handler, TokenStream> {
    let Ok(mut handler) = syn::parse2::<Handler>(item.clone()) else {
        misplaced(guard, &item, errors);
        return Err(item);
    };
    let name = handler.sig.ident.to_string();
    if let Some(built) = built(&handler.sig) {
        errors.at(&handler.sig.ident, sentences::builds(guard, &name, &built));
        handler.sig.asyncness = Some(Token![async](handler.sig.fn_token.span));
    } else if handler.sig.asyncness.is_none() {
        let sentence = sentences::guard_needs_async(guard, &name);
        errors.at(handler.sig.fn_token, sentence);
        // Where an async function is called for, its absence is told once.
        handler.sig.asyncness = Some(Token![async](handler.sig.fn_token.span));
    }
    if let Some(public) = handler.attrs.iter().find(|attr| is(attr, "public")) {
        errors.at(public, sentences::guard_and_public(guard));
    }
    check_order(&handler.attrs, errors);
    Ok(handler)
}

/// Returns the path that is an argument's type.
pub(crate) fn path_of(input: &FnArg) -> Option<&Path> {
    match input {
        FnArg::Typed(input) => match &*input.ty {
            Type::Path(of) => Some(&of.path),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    }
}

/// Returns what a function builds that is no handler: routes of axum, or of actix-web where it is not async.
fn built(sig: &Signature) -> Option<String> {
    let last = |of: &Type| match of {
        Type::Path(of) => of.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    };
    let of = match &sig.output {
        ReturnType::Type(_, of) => last(of),
        ReturnType::Default => None,
    };
    let taken = sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(input) => match &*input.ty {
            Type::Reference(of) => last(&of.elem),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    let is_async = sig.asyncness.is_some();
    let of = of.filter(|it| {
        let routes = ["Router", "MethodRouter"].contains(&it.as_str());
        routes || (!is_async && ["App", "Scope", "Resource", "Route"].contains(&it.as_str()))
    });
    of.or_else(|| taken.filter(|it| it == "ServiceConfig"))
}

fn misplaced(guard: &str, item: &TokenStream, errors: &mut Errors) {
    if let Ok(method) = syn::parse2::<syn::TraitItemFn>(item.clone()) {
        errors.at(&method.sig.ident, sentences::guard_needs_body(guard));
    } else if let Ok(item) = syn::parse2::<Item>(item.clone()) {
        errors.at(head(&item), sentences::guard_needs_function(guard));
    } else {
        errors.at(item, sentences::guard_needs_function(guard));
    }
}

pub(crate) fn check_public(args: TokenStream, item: TokenStream, errors: &mut Errors) {
    if !args.is_empty() {
        errors.at(args, sentences::PUBLIC_ARGS);
    }
    match syn::parse2::<Handler>(item.clone()) {
        Ok(handler) => {
            if let Some(guard) = handler.attrs.iter().find(|attr| guard_name(attr).is_some()) {
                let name = guard_name(guard).unwrap_or_default();
                errors.at(guard, sentences::guard_and_public(name));
            }
        }
        Err(_) => match syn::parse2::<Item>(item.clone()) {
            // What is handed on, or written by others, may be a function.
            Ok(Item::Use(_) | Item::Const(_) | Item::Static(_) | Item::Macro(_)) => {}
            Ok(item) => errors.at(head(&item), sentences::PUBLIC_NEEDS_FUNCTION),
            Err(_) => errors.at(item, sentences::PUBLIC_NEEDS_FUNCTION),
        },
    }
}

/// Returns the name of the guard that an attribute is, however its path begins.
pub(crate) fn guard_name(attr: &Attribute) -> Option<&'static str> {
    let last = attr.path().segments.last()?;
    Which::of(&last.ident.to_string()).map(Which::name)
}

pub(crate) fn is(attr: &Attribute, name: &str) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|last| last.ident == name)
}

impl ToTokens for Handler {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            defaultness,
            sig,
            body,
        } = self;
        tokens.extend(quote!(#(#attrs)* #vis #defaultness #sig #body));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{guard, public};

    /// What a macro makes of tokens that it hands on as `$body:block`.
    fn handed_on(tokens: TokenStream) -> TokenTree {
        Group::new(Delimiter::None, tokens).into()
    }

    #[test]
    fn a_body_that_a_macro_hands_on_is_read() {
        let written = quote!(
            {
                #![allow(unused)]
                let one = 1;
            }
        );
        let once = handed_on(written.clone());
        let twice = handed_on(quote!(#once));
        let guarded = |body: &dyn ToTokens| {
            let body = body.to_token_stream();
            let none = TokenStream::new;
            let of_all = public(none(), quote!(async fn order() #body)).to_string();
            assert!(!of_all.contains("compile_error"), "{of_all}");
            guard(
                Which::Recent,
                quote!(max_age = "5m"),
                quote!(async fn order() #body),
            )
            .to_string()
        };
        let expected = guarded(&written);
        assert!(!expected.contains("compile_error"), "{expected}");
        assert_eq!(guarded(&once), expected);
        assert_eq!(guarded(&twice), expected);
    }

    #[test]
    fn a_group_that_is_no_body_is_none() {
        let two = handed_on(quote!({} {}));
        let word = handed_on(quote!(body));
        for body in [two, word, handed_on(quote!()), handed_on(quote!(()))] {
            let said = guard(
                Which::Auth,
                TokenStream::new(),
                quote!(async fn order() #body),
            );
            assert!(said.to_string().contains("compile_error"), "{body}");
        }
    }
}
