//! The function with a guard for its first argument. Nothing here can fail.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{FnArg, Path, PathArguments, Signature, parse_quote_spanned};

use crate::condition::Kind;
use crate::guard::args::Asked;
use crate::guard::below;
use crate::guard::check::{Guard, Routes, in_default_routes};
use crate::guard::handler::{Handler, path_of};
use crate::guard::openapi;
use crate::guard::typed::{policy, tree};
use crate::krate;

pub(crate) fn expand(mut handler: Handler, guard: &Guard) -> TokenStream {
    let first = usize::from(handler.sig.receiver().is_some());
    let guards = above(&handler).count();
    let handlers = handlers(guard, &handler);
    if guards == 0 {
        openapi::describe(&mut handler.attrs, &guard.asked, &guard.runtime);
    }
    let at = first + guards;
    let mut checks = declared(guard);
    let policies = guard.asked.policies().into_iter();
    checks.extend(policies.filter_map(|path| is_policy(path, &guard.runtime)));
    let mut name = None;
    let mut statements = TokenStream::new();
    if guards == 0 && is_middleware(&handler.sig) {
        let guard = Ident::new("guard", Span::mixed_site());
        statements.extend(quote!(#guard.has_spoken();));
        name = Some(guard);
    }
    if guards == 0 && is_method(&handler.sig) {
        statements.extend(replaceable(guard, &handler.sig));
    }
    let mut lints = TokenStream::new();
    if !statements.is_empty() {
        checks.extend(statements);
        // The items of the body come after ours.
        lints.extend(quote!(#[allow(clippy::items_after_statements)]));
    }
    let argument = argument(guard, handlers, name);
    handler.sig.inputs.insert(at, argument);
    handler.body = checked_first(&handler.body, &checks);
    lints.extend(silence(&handler));
    // A policy's type may be less visible than the handler.
    let private = matches!(guard.asked, Asked::Policy(_) | Asked::Tree(_))
        .then(|| quote!(#[allow(private_interfaces)]));
    quote!(#lints #private #handler)
}

/// Writes what does not compile in a trait, where an implementation may replace the method.
fn replaceable(guard: &Guard, sig: &Signature) -> TokenStream {
    let span = krate::at(sig.ident.span());
    let runtime = krate::respanned(guard.runtime.to_token_stream(), span);
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use #runtime::InTrait as _;
        #runtime::expected::GuardThatStays::stays(#runtime::Place::<Self>::of_method());
    }
}

/// Returns whether it is of a type or of a trait. A function that does not name that may stand anywhere.
fn is_method(sig: &Signature) -> bool {
    sig.receiver().is_some() || names_itself(sig.to_token_stream())
}

fn names_itself(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "Self",
        TokenTree::Group(group) => names_itself(group.stream()),
        _ => false,
    })
}

/// Returns the arguments of the guards that stand above: attributes expand from the top down.
fn above(handler: &Handler) -> impl Iterator<Item = &FnArg> {
    let first = usize::from(handler.sig.receiver().is_some());
    let inputs = handler.sig.inputs.iter().skip(first);
    inputs.take_while(|input| is_guard(input))
}

/// Returns the sign-in of a guard that does not say whose session it asks for: the one of those beside it, of the
/// first that does. The guard at the top has heard all of them.
pub(crate) fn handlers(guard: &Guard, handler: &Handler) -> Option<TokenStream> {
    let said = above(handler)
        .next()
        .and_then(|top| said(top, &guard.runtime));
    said.or_else(|| {
        let below = below::guards(&handler.attrs).collect::<Vec<_>>();
        let all = || [guard].into_iter().chain(&below);
        let said = all().filter_map(Guard::sign_in);
        first_of(said.chain(all().filter_map(Guard::hint)), &guard.runtime)
    })
}

/// Silences a lint: the user counted their own arguments, and ours is not one of them.
fn silence(handler: &Handler) -> Option<TokenStream> {
    (handler.sig.inputs.len() == 8).then(|| quote!(#[allow(clippy::too_many_arguments)]))
}

/// Returns whether it is an argument that [`argument`] made.
fn is_guard(input: &FnArg) -> bool {
    let Some(of) = path_of(input) else {
        return false;
    };
    let mut segments = of.segments.iter().rev();
    segments
        .next()
        .is_some_and(|last| last.ident == "Guard" || last.ident == "Decided")
        && segments.next().is_some_and(|of| of.ident == "__private")
}

/// Returns what [`argument`] has put into a guard's type: the sign-in that the handler's guards are of.
fn said(guard: &FnArg, runtime: &Path) -> Option<TokenStream> {
    let last = path_of(guard)?.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let nothing = [quote!(#runtime::Unsaid), quote!(#runtime::Innermost)].map(|it| it.to_string());
    let at = |at| {
        let said = arguments.args.get(at).map(ToTokens::to_token_stream);
        said.filter(|it| !nothing.contains(&it.to_string()))
    };
    if last.ident == "Guard" {
        return match arguments.args.len() {
            4.. => at(3),
            _ => at(2),
        };
    }
    let own = at(0).map(|of| quote!(#runtime::SaidBy<#of>));
    at(1).or_else(|| at(2)).or(own)
}

/// Returns the first that says something. Only the compiler knows whether a policy does.
fn first_of(said: impl Iterator<Item = TokenStream>, runtime: &Path) -> Option<TokenStream> {
    let mut all: Vec<TokenStream> = Vec::new();
    for said in said {
        let may_say_nothing = said.to_string().contains("SaidBy");
        all.push(said);
        if !may_say_nothing {
            break;
        }
    }
    let all = all.into_iter().rev();
    all.reduce(|others, said| quote!(#runtime::Or<#said, #others>))
}

/// Returns whether the last argument is `Next`, as in a middleware of axum or actix-web.
fn is_middleware(sig: &Signature) -> bool {
    let last = sig.inputs.last().and_then(path_of);
    last.is_some_and(|of| of.segments.last().is_some_and(|it| it.ident == "Next"))
}

/// Writes the guard as an argument. `handlers` is the sign-in that the handler's guards are of; `name`
/// is for a body that needs one.
fn argument(guard: &Guard, handlers: Option<TokenStream>, name: Option<Ident>) -> FnArg {
    let runtime = &guard.runtime;
    match &guard.asked {
        Asked::Condition(condition) => {
            let policy = policy(condition, runtime);
            let first = condition.first();
            let span = first.map_or_else(Span::call_site, |text| krate::at(text.span()));
            let whose = guard.whose().or_else(|| handlers.clone());
            let handlers = other_than(whose.as_ref(), handlers).map(|it| quote!(, #it));
            let answers = match guard.unauthenticated {
                None if whose.is_none() => None,
                how => {
                    let name = Ident::new(how.unwrap_or("AsRoutes"), Span::call_site());
                    Some(quote!(, #runtime::#name))
                }
            };
            let whose = whose.map(|whose| quote!(, #whose));
            let of = quote!(#policy #answers #whose #handlers);
            let name = name.map_or_else(|| quote_spanned!(span=> _), ToTokens::into_token_stream);
            parse_quote_spanned!(span=> #name: #runtime::Guard<#of>)
        }
        Asked::Tree(condition) => {
            let tree = tree(condition, runtime);
            let whose = guard.whose();
            let handlers = other_than(whose.as_ref(), handlers);
            let unsaid = || whose.as_ref().map(|_| quote!(#runtime::Unsaid));
            let handlers = handlers.or_else(unsaid).map(|it| quote!(, #it));
            let whose = whose.map(|it| quote!(, #it));
            let span = condition.policies().first().map(|it| krate::at(it.span()));
            let span = span.unwrap_or_else(Span::call_site);
            let name = name.map_or_else(|| quote_spanned!(span=> _), ToTokens::into_token_stream);
            let of = quote!(#runtime::Authorized<#runtime::Tree<#tree>> #handlers #whose);
            parse_quote_spanned!(span=> #name: #runtime::Decided<#of>)
        }
        Asked::Policy(policy) => {
            let span = krate::at(policy.span());
            let witness = krate::respanned(quote!(#runtime::Authorized), span);
            let decided = krate::respanned(quote!(#runtime::Decided), span);
            let handlers = other_than(guard.sign_in().as_ref(), handlers);
            let handlers = handlers.map(|it| quote!(, #it));
            let name = name.map_or_else(|| quote_spanned!(span=> _), ToTokens::into_token_stream);
            parse_quote_spanned!(span=> #name: #decided<#witness<#policy> #handlers>)
        }
    }
}

/// Returns the sign-in of the handler's guards, where it is another than the guard's own.
fn other_than(own: Option<&TokenStream>, handlers: Option<TokenStream>) -> Option<TokenStream> {
    let own = own.map(ToString::to_string);
    handlers.filter(|it| Some(it.to_string()) != own)
}

/// Writes one check for each scope and each role, at the string that names it.
pub(crate) fn declared(guard: &Guard) -> TokenStream {
    let Some(condition) = guard.asked.condition() else {
        return TokenStream::new();
    };
    let runtime = &guard.runtime;
    let named = condition.named().into_iter();
    named
        .filter_map(|(kind, name)| {
            let checker = match kind {
                Kind::Scope => quote!(#runtime::declared),
                Kind::Role => quote!(#runtime::declared_role),
                Kind::Permission | Kind::Org => return None,
            };
            let span = krate::at(name.span());
            let checker = krate::respanned(checker, span);
            let checked = match &guard.routes {
                Routes::Any => return None,
                Routes::At(path) => quote_spanned!(span=> #checker(#path::SPEC, #name)),
                Routes::Default => {
                    let found = krate::respanned(quote!(#runtime::found), span);
                    let of_auth = quote_spanned!(span=> #checker(#found(auth::SPEC), #name));
                    in_default_routes(span, runtime, &of_auth)
                }
            };
            Some(quote_spanned!(span=> const _: () = { #checked };))
        })
        .collect()
}

/// Writes a check that a function is a policy: that the attribute has written a type of its name. Where it has
/// not, the import brings the function alone, and the type outside of the block is the one that is found.
fn is_policy(path: &Path, runtime: &Path) -> Option<TokenStream> {
    let name = path.segments.last()?.ident.to_string();
    if name.starts_with(char::is_uppercase) {
        return None;
    }
    let span = krate::at(path.span());
    let path = krate::respanned(path.to_token_stream(), span);
    let runtime = krate::respanned(quote!(#runtime), span);
    Some(quote_spanned! {span=>
        const _: () = {
            const fn asked<It: #runtime::expected::IsPolicy>() {}
            #[allow(dead_code)]
            struct Function;
            {
                #[allow(unused_imports)]
                use #path as Function;
                asked::<Function>()
            }
        };
    })
}

/// Writes the body with the checks before its first statement, and behind its inner attributes.
fn checked_first(body: &Group, checks: &TokenStream) -> Group {
    let mut rest = body.stream().into_iter().peekable();
    let mut inner = TokenStream::new();
    while matches!(rest.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
        let mut ahead = rest.clone().skip(1);
        if !matches!(ahead.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!') {
            break;
        }
        inner.extend(rest.by_ref().take(3));
    }
    let mut new = Group::new(
        body.delimiter(),
        quote!(#inner #checks).into_iter().chain(rest).collect(),
    );
    new.set_span(body.span());
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Which, guard};

    fn guarded(handler: &str) -> String {
        let handler = handler.parse().unwrap();
        guard(Which::Auth, TokenStream::new(), handler).to_string()
    }

    #[test]
    fn items_of_a_body_may_come_after_statements_of_ours() {
        let allowed = "# [allow (clippy :: items_after_statements)]";
        for handler in [
            "async fn log(request: Request, next: Next) -> Response { use http::StatusCode; }",
            "async fn log(&self, body: String) { use http::StatusCode; }",
            "async fn log(&self, request: Request, next: middleware::Next) { use http::StatusCode; }",
        ] {
            let guarded = guarded(handler);
            assert_eq!(guarded.matches(allowed).count(), 1, "{guarded}");
        }
        let guarded = guarded("async fn order(body: String) { use http::StatusCode; }");
        assert!(!guarded.contains("items_after_statements"), "{guarded}");
    }
}
