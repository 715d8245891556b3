//! A condition as a type: `Any<(Scope<Text<'a'>>, Role<Text<'b'>>,)>`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::Path;

use crate::condition::{Condition, Kind};

/// The most elements that the runtime's tuples have.
const WIDEST: usize = 12;

/// The most characters that one `Text` has.
const LONGEST: usize = 32;

/// Writes a condition as a type.
pub(super) fn policy(condition: &Condition, runtime: &Path) -> TokenStream {
    match condition {
        Condition::Everybody(_) => quote!(#runtime::SignedIn),
        Condition::Named(kind, name) => {
            let text = text(&name.value(), runtime);
            match kind {
                Kind::Scope => quote!(#runtime::Scope<#text>),
                Kind::Role => quote!(#runtime::Role<#text>),
                Kind::Permission => quote!(#runtime::Permission<#text>),
                Kind::Org => quote!(#runtime::Org<#text>),
            }
        }
        Condition::Recent(_, seconds) => {
            let seconds = Literal::u32_unsuffixed(*seconds);
            quote!(#runtime::Recent<#seconds>)
        }
        Condition::Not(part) => {
            let part = policy(part, runtime);
            quote!(#runtime::Not<#part>)
        }
        Condition::All(parts) => list(quote!(#runtime::All), parts, runtime),
        Condition::Any(parts) => list(quote!(#runtime::Any), parts, runtime),
    }
}

/// Writes a tuple of policies, or a tuple of tuples where one is too narrow.
fn list(of: TokenStream, parts: &[Condition], runtime: &Path) -> TokenStream {
    let mut parts: Vec<TokenStream> = parts.iter().map(|part| policy(part, runtime)).collect();
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
