//! A path of the user's, where the runtime expects a hook, a setting or a store.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned as _;

use crate::krate;

/// What a path may name.
pub(crate) struct Named {
    /// The trait of the runtime that it is.
    given: &'static str,
    /// What it is called in sentences.
    what: &'static str,
    expected: &'static str,
    note: &'static str,
}

pub(crate) const ON_EVENT: Named = Named {
    given: "EventHook",
    what: "`on_event`",
    expected: "`fn(&authsafe::hooks::Event<'_>)`",
    note: "write `fn log(event: &authsafe::hooks::Event<'_>)`: it is not `async`, takes the event by reference and returns nothing",
};

pub(crate) const ON_ERROR: Named = Named {
    given: "ErrorHook",
    what: "`on_error`",
    expected: "`fn(&authsafe::Error, &http::request::Parts) -> Option<authsafe::Response>`",
    note: "write `fn page(error: &authsafe::Error, request: &http::request::Parts) -> Option<authsafe::Response>`: it is not `async`, and takes both by reference",
};

pub(crate) const UNAUTHENTICATED: Named = Named {
    given: "SignedOutHook",
    what: "`unauthenticated`",
    expected: "`fn(&authsafe::hooks::SignedOut<'_>) -> authsafe::Response`",
    note: "write `fn signed_out(visitor: &authsafe::hooks::SignedOut<'_>) -> authsafe::Response`: it is not `async`, and takes the visitor by reference",
};

pub(crate) const SETTING: Named = Named {
    given: "SettingSource",
    what: "a setting",
    expected: "a `&'static str` constant or a `fn() -> String`",
    note: "write `fn setting() -> String`: it is not `async`, and takes no arguments",
};

pub(crate) const SECRET: Named = Named {
    given: "SecretSource",
    what: "a secret",
    expected: "a `fn() -> authsafe::SecretString`",
    note: "write `fn secret() -> authsafe::SecretString`: it is not `async`, and takes no arguments",
};

pub(crate) const STORE: Named = Named {
    given: "StoreSource",
    what: "a session store",
    expected: "an `async fn() -> Result<impl authsafe::store::SessionStore, impl Display>`",
    note: "write `async fn sessions() -> Result<MyStore, MyError>`: it takes no arguments",
};

impl Named {
    /// Writes a reference to what the path names, all of it at the user's path.
    ///
    /// What it cannot be is said there, in these words and by a trait of this place: no message leads into the
    /// runtime. Of a trait with one rule the compiler would tell what that rule consists of; so there are two.
    pub(crate) fn value(&self, path: &Path, runtime: &Path) -> TokenStream {
        let span = krate::at(path.span());
        let within = krate::from_within(path);
        let given = Ident::new(self.given, span);
        let runtime = krate::respanned(quote!(#runtime), span);
        let message = format!("this path cannot be {}", self.what);
        let label = format!("expected {}", self.expected);
        let unmet = unmet(span, &message, &label, self.note);
        quote_spanned! {span=> {
            #unmet
            trait Fits<How>: #runtime::#given {}
            #[diagnostic::do_not_recommend]
            impl<It: #runtime::#given> Fits<u8> for It {}
            #[diagnostic::do_not_recommend]
            impl<It: #runtime::#given + #runtime::Nothing> Fits<()> for It {}
            const fn given<How, It: Fits<How>>(it: &'static It) -> &'static dyn #runtime::#given {
                it
            }
            given(&#within)
        }}
    }
}

/// Writes what the compiler says where a trait is not met.
pub(crate) fn unmet(span: Span, message: &str, label: &str, note: &str) -> TokenStream {
    quote_spanned! {span=>
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
    }
}
