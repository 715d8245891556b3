//! A key as it was written: `domain = "..."`, `scopes(...)`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Meta, Path};

/// A key, with what stands behind it.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) meta: Meta,
    usage: &'static str,
}

impl Key {
    pub(crate) fn new(meta: &Meta, usage: &'static str) -> Self {
        Self {
            meta: meta.clone(),
            usage,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.meta.path()
    }

    pub(crate) fn name(&self) -> String {
        self.path().to_token_stream().to_string()
    }

    /// Returns how the key is written, as an example. A sentence puts it between backticks.
    pub(crate) fn usage(&self) -> &'static str {
        self.usage
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.meta.to_tokens(tokens);
    }
}
