//! A key as it was written: `domain = "..."`, `scopes(...)`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Meta, Path};

use crate::advice;

/// A key, with what stands behind it.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) meta: Meta,
    usage: &'static str,
    within: &'static str,
}

impl Key {
    /// `within` is the list that the key is in, as [`crate::keys::Keys::WITHIN`] says it.
    pub(crate) fn new(meta: &Meta, usage: &'static str, within: &'static str) -> Self {
        Self {
            meta: meta.clone(),
            usage,
            within,
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

    /// Returns the line to write: of the user's own value, or an example where none can be made of that. A
    /// sentence puts it between backticks.
    pub(crate) fn line(&self) -> String {
        let value = match &self.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(pair) => pair.value.to_token_stream(),
        };
        advice::line(&self.name(), &value, self.usage, self.within)
    }

    /// Returns whether its value is one that nobody may read in source code.
    pub(crate) fn is_secret(&self) -> bool {
        ["client_secret", "cookie_secret", "redis"].contains(&self.name().as_str())
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.meta.to_tokens(tokens);
    }
}
