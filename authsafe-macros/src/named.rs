//! A path of the user's, where the runtime expects a hook, a setting or a store.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned as _;

use crate::krate;

/// What a path may name: the trait that says what is expected, and the one that it is then.
pub(crate) struct Named(&'static str, &'static str);

pub(crate) const ON_EVENT: Named = Named("OnEvent", "EventHook");
pub(crate) const ON_ERROR: Named = Named("OnError", "ErrorHook");
pub(crate) const UNAUTHENTICATED: Named = Named("OnSignedOut", "SignedOutHook");
pub(crate) const SETTING: Named = Named("Setting", "SettingSource");
pub(crate) const SECRET: Named = Named("Secret", "SecretSource");
pub(crate) const STORE: Named = Named("Store", "StoreSource");

impl Named {
    /// Writes a reference to what the path names, all of it at the user's path: what it cannot be is said there.
    /// The function is written here so that no message leads into the runtime.
    pub(crate) fn value(&self, path: &Path, runtime: &Path) -> TokenStream {
        let span = krate::at(path.span());
        let within = krate::from_within(path);
        let (expected, given) = (Ident::new(self.0, span), Ident::new(self.1, span));
        let runtime = krate::respanned(quote!(#runtime), span);
        quote_spanned! {span=> {
            const fn given<How, It: #runtime::expected::#expected<How>>(
                it: &'static It,
            ) -> &'static dyn #runtime::#given {
                it
            }
            given(&#within)
        }}
    }
}
