//! `#[authsafe::policy]`: a function, or a condition, as a type that guards can name.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, FnArg, Item, ItemFn, Path, PathSegment, ReturnType, Type, Visibility, parse_quote,
};

use crate::condition::Condition;
use crate::error::Errors;
use crate::feature;
use crate::guard::{self, Asked, Routes, is_reference};
use crate::keys::{self, keys};
use crate::krate;
use crate::routes::head;

keys!(
    /// The keys of `#[policy]` without a condition.
    PolicyKeys in "" {
        routes: "routes" = guard::ROUTES_USAGE,
        krate: "crate" = krate::USAGE,
    }
);

/// The condition that is checked first.
struct First {
    condition: Condition,
    checks: TokenStream,
    /// The sign-in whose session it is about, as a type.
    whose: Option<TokenStream>,
    runtime: Path,
}

pub(crate) fn policy(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    feature::framework("policy", &mut errors);
    let of_item = match syn::parse2::<Item>(item.clone()) {
        // Nothing can stand beside a method.
        Ok(Item::Fn(function)) if function.sig.receiver().is_some() => {
            errors.at(function.sig.receiver(), POLICY_METHOD);
            TokenStream::new()
        }
        Ok(Item::Fn(function)) => {
            check_function(&function, &mut errors);
            let first = first(args, true, &mut errors);
            of_function(&function, &first, errors.count() == 0)
        }
        Ok(Item::Struct(it)) if !it.generics.params.is_empty() => {
            errors.at(&it.generics, POLICY_GENERIC);
            TokenStream::new()
        }
        Ok(Item::Struct(it)) => {
            let first = first(args, false, &mut errors);
            of_type(&it.ident, &cfgs(&it.attrs), &first, None)
        }
        Ok(other) => {
            errors.at(head(&other), POLICY_NEEDS_ITEM);
            TokenStream::new()
        }
        Err(_) => {
            errors.at(&item, POLICY_NEEDS_ITEM);
            TokenStream::new()
        }
    };
    errors.before(quote!(#item #of_item))
}

/// Reads the condition. A function decides besides, so it may leave the condition out.
fn first(args: TokenStream, may_lack: bool, errors: &mut Errors) -> First {
    let mut first = First {
        condition: Condition::everybody(),
        checks: TokenStream::new(),
        whose: None,
        runtime: parse_quote!(::authsafe::__private),
    };
    if may_lack && names_no_condition(&args) {
        let keys: PolicyKeys = keys::parse(args, errors);
        let runtime = krate::runtime(keys.krate.as_ref(), errors);
        first.whose = match guard::routes(keys.routes.as_ref(), errors) {
            Some(Routes::At(path)) => Some(guard::sign_in(&path)),
            Some(Routes::Any) => Some(quote!(#runtime::Innermost)),
            _ => None,
        };
        first.runtime = runtime;
    } else if let Some((guard, checks)) = guard::condition(args, errors)
        && let whose = guard.whose()
        && let Asked::Condition(condition) = guard.asked
    {
        first = First {
            condition,
            checks,
            whose,
            runtime: guard.runtime,
        };
    }
    first
}

fn names_no_condition(args: &TokenStream) -> bool {
    let parts = keys::split(args.clone(), &mut Errors::default()).into_iter();
    let mut firsts = parts.filter_map(|part| part.into_iter().next());
    firsts.all(|first| ["crate", "routes"].contains(&first.to_string().as_str()))
}

fn check_function(function: &ItemFn, errors: &mut Errors) {
    let sig = &function.sig;
    let name = sig.ident.to_string();
    if sig.asyncness.is_none() {
        errors.at(sig.fn_token, policy_needs_async(&name));
    }
    let generics = &sig.generics;
    // Lifetimes may be.
    if generics.type_params().next().is_some() || generics.const_params().next().is_some() {
        errors.at(generics, POLICY_GENERIC);
    }
    let mut inputs = sig.inputs.iter();
    if sig.inputs.len() < 2 || !inputs.next().is_some_and(is_reference) {
        errors.at(&sig.ident, policy_arguments(&name));
    }
    for input in inputs.skip_while(|input| is_reference(input)) {
        let last = guard::path_of(input).and_then(|of| of.segments.last());
        let is_body = |it: &&PathSegment| BODIES.contains(&it.ident.to_string().as_str());
        if is_reference(input) {
            errors.at(input, POLICY_REFERENCE);
        } else if let Some(body) = last.filter(is_body) {
            errors.at(&body.ident, POLICY_BODY);
        }
    }
    if matches!(sig.output, ReturnType::Default) {
        errors.at(&sig.ident, POLICY_DECIDES_NOTHING);
    }
}

/// What axum and actix-web read of a body.
const BODIES: [&str; 10] = [
    "Body",
    "Bytes",
    "Form",
    "Json",
    "Multipart",
    "MultipartForm",
    "Payload",
    "RawForm",
    "Request",
    "String",
];

/// Writes a type with the name of the function, and the policy that it is. One is found among the types
/// and the other among the values, so that one `use` imports both.
fn of_function(function: &ItemFn, first: &First, is_good: bool) -> TokenStream {
    let runtime = &first.runtime;
    let mut name = function.sig.ident.clone();
    name.set_span(krate::at(name.span()));
    let cfgs = cfgs(&function.attrs);
    let inputs = function.sig.inputs.iter();
    let taken = inputs
        .clone()
        .skip(1)
        .skip_while(|input| is_reference(input));
    let types: Vec<&Type> = taken
        .filter_map(|input| match input {
            FnArg::Typed(input) => Some(&*input.ty),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let names: Vec<Ident> = (0..types.len())
        .map(|at| format_ident!("argument{at}", span = name.span()))
        .collect();
    let session = function.sig.inputs.first();
    let session = session.map(|it| as_taken(it, "TakesSession", "session", runtime));
    let request = function.sig.inputs.get(1).filter(|it| is_reference(it));
    let request = request.map(|it| as_taken(it, "TakesRequest", "request", runtime));
    let named = match request {
        Some(_) => quote_spanned!(name.span()=> request),
        None => quote!(_),
    };
    let request = request.map(|it| quote!(#it,));
    let asked = quote_spanned!(name.span()=> #name(#session, #request #(#names),*).await);
    let decided = quote_spanned!(name.span()=> #runtime::expected::Decides::decide(#asked));
    // One that cannot be asked has been reported; who names it shall not be told again.
    let decide = is_good.then(|| {
        quote_spanned! {name.span()=>
            type Arguments = (#(#types,)*);

            async fn decide(
                session: &#runtime::Session,
                #named: &#runtime::Parts,
                (#(#names,)*): (#(#types,)*),
            ) -> #runtime::Decision {
                #decided
            }
        }
    });
    let policy = of_type(&name, &cfgs, first, decide);
    // Public whatever the function is: it stands in the arguments of handlers, which others serve. But one
    // that takes types of the app's must not be seen where they are not (E0446): not outside of the crate.
    let hidden = matches!(function.vis, Visibility::Inherited).then(|| quote!(#[doc(hidden)]));
    let vis = match &function.vis {
        _ if types.is_empty() => quote_spanned!(name.span()=> pub),
        Visibility::Inherited => quote_spanned!(name.span()=> pub(crate)),
        own => own.to_token_stream(),
    };
    quote_spanned! {name.span()=>
        #(#cfgs)*
        #[doc = "This policy as a type: for guards, and for `Authorized`."]
        #hidden
        #vis struct #name {}
        #policy
    }
}

/// Writes an argument as the function takes it. Where it takes something else, that is said at the type that
/// it takes.
fn as_taken(input: &FnArg, expected: &str, argument: &str, runtime: &Path) -> TokenStream {
    let FnArg::Typed(input) = input else {
        return TokenStream::new();
    };
    let span = krate::at(input.ty.span());
    let taken = krate::with_lifetimes(input.ty.to_token_stream(), "_");
    let (expected, argument) = (Ident::new(expected, span), Ident::new(argument, span));
    let runtime = krate::respanned(quote!(#runtime), span);
    quote_spanned!(span=> <#taken as #runtime::expected::#expected<'_>>::of(#argument))
}

/// Writes the policy that a type is.
fn of_type(
    name: &Ident,
    cfgs: &[&Attribute],
    first: &First,
    decide: Option<TokenStream>,
) -> TokenStream {
    let First {
        condition,
        checks,
        whose,
        runtime,
    } = first;
    let condition = condition.value(runtime);
    let decide = decide.unwrap_or_else(|| {
        quote!(
            type Arguments = ();
        )
    });
    let whose = whose
        .as_ref()
        .map(|whose| quote!(const WHOSE: #runtime::Whose = #runtime::whose::<#whose>();));
    quote! {
        #(#cfgs)*
        impl #runtime::NamedPolicy for #name {
            const CONDITION: #runtime::Policy = #condition;
            #whose
            #decide
        }
        #checks
    }
}

/// Returns the `cfg`s: what is not compiled is no policy either.
fn cfgs(attrs: &[Attribute]) -> Vec<&Attribute> {
    let attrs = attrs.iter();
    attrs.filter(|it| it.path().is_ident("cfg")).collect()
}

// Sentences.

const POLICY_NEEDS_ITEM: &str =
    "`#[policy]` goes on an async function, or on a struct that a condition gets its name from";
const POLICY_METHOD: &str =
    "a policy is a function of its own, not a method; move it out of the `impl` block";
const POLICY_REFERENCE: &str = "a policy has references to the session and to the request alone, in this order; write what else it takes by value";
const POLICY_BODY: &str = "a policy is asked before the body is read, and leaves it to the handler; take what the head of a request has, such as `State`, `Path` or `Query`";
const POLICY_GENERIC: &str =
    "a policy is one type; write it without parameters of types and constants";

fn policy_needs_async(name: &str) -> String {
    format!("a policy may have to ask a database; write `async fn {name}`")
}

fn policy_arguments(name: &str) -> String {
    format!(
        "a policy is asked of a session and a request; write `async fn {name}(session: &authsafe::Session, request: &http::request::Parts) -> authsafe::Decision`"
    )
}

const POLICY_DECIDES_NOTHING: &str =
    "a policy returns what it decides; write `-> authsafe::Decision` or `-> bool`";
