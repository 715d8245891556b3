//! A condition as a type: `Any<(Scope<Text<'a'>>, Role<Text<'b'>>,)>`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::Path;
use syn::spanned::Spanned as _;

use crate::condition::Condition;
use crate::krate;

/// The most elements that the runtime's tuples have.
const WIDEST: usize = 12;

/// The most characters that one `Text` has.
const LONGEST: usize = 32;

/// Writes a condition with policies of the app's own in it as a type.
pub(super) fn tree(condition: &Condition, runtime: &Path) -> TokenStream {
    let has_policies = !condition.policies().is_empty();
    match condition {
        Condition::Policy(path) => {
            let by = krate::respanned(quote!(#runtime::By), krate::at(path.span()));
            quote!(#by<#path>)
        }
        Condition::All(parts) if has_policies => {
            list(&quote!(#runtime::All), parts, |part| tree(part, runtime))
        }
        Condition::Any(parts) if has_policies => {
            list(&quote!(#runtime::Any), parts, |part| tree(part, runtime))
        }
        Condition::Not(part) if has_policies => {
            let part = tree(part, runtime);
            quote!(#runtime::Not<#part>)
        }
        condition => {
            let policy = policy(condition, runtime);
            quote!(#runtime::Holds<#policy>)
        }
    }
}

/// Writes a condition as a type.
pub(super) fn policy(condition: &Condition, runtime: &Path) -> TokenStream {
    match condition {
        Condition::Everybody(_) => quote!(#runtime::SignedIn),
        // It stands in a `tree`.
        Condition::Policy(_) => quote!(#runtime::Any<()>),
        Condition::Named(kind, name) => {
            let text = text(&name.value(), runtime);
            let kind = kind.type_name();
            quote!(#runtime::#kind<#text>)
        }
        Condition::Recent(_, seconds) => {
            let seconds = Literal::u32_unsuffixed(*seconds);
            quote!(#runtime::Recent<#seconds>)
        }
        Condition::Not(part) => {
            let part = policy(part, runtime);
            quote!(#runtime::Not<#part>)
        }
        Condition::All(parts) => list(&quote!(#runtime::All), parts, |part| policy(part, runtime)),
        Condition::Any(parts) => list(&quote!(#runtime::Any), parts, |part| policy(part, runtime)),
    }
}

/// Writes a tuple of policies, or a tuple of tuples where one is too narrow.
fn list(
    of: &TokenStream,
    parts: &[Condition],
    write: impl Fn(&Condition) -> TokenStream,
) -> TokenStream {
    let mut parts: Vec<TokenStream> = parts.iter().map(write).collect();
    while parts.len() > WIDEST {
        parts = parts
            .chunks(WIDEST)
            .map(|part| quote!(#of<(#(#part,)*)>))
            .collect();
    }
    quote!(#of<(#(#parts,)*)>)
}

/// Writes `Text<'a', 'd', 'm', 'i', 'n'>`, or a chain of them for what is longer.
fn text(name: &str, runtime: &Path) -> TokenStream {
    let chars: Vec<char> = name.chars().collect();
    let texts = chars
        .chunks(LONGEST)
        .map(|part| quote!(#runtime::Text<#(#part),*>));
    texts
        .rev()
        .reduce(|rest, text| quote!(#runtime::Join<#text, #rest>))
        .unwrap_or_else(|| quote!(#runtime::Text))
}
