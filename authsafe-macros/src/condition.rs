//! `scope("a")`, `role("b")`, `all(...)`, `any(...)`: a condition as it was written.

use core::fmt;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path, Token, parenthesized, token};

use crate::error::{self, Errors};
use crate::rule;
use crate::value::checked;

#[derive(Clone)]
pub(crate) enum Condition {
    Everybody(Token![_]),
    Scope(LitStr),
    Role(LitStr),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// What a bare string means, and which words there are.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    /// In a landing rule: `_`, `scope(...)`, `role(...)`, `all(...)`, `any(...)`.
    Landing,
    /// In `#[require_scope(...)]`: `"..."`, `all(...)`, `any(...)`.
    Scopes,
}

impl Dialect {
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Landing => &["scope", "role", "all", "any"],
            Self::Scopes => &["all", "any"],
        }
    }
}

impl Condition {
    pub(crate) fn parse(input: ParseStream<'_>, dialect: Dialect) -> syn::Result<Self> {
        if let Dialect::Landing = dialect
            && input.peek(Token![_])
        {
            return input.parse().map(Self::Everybody);
        }
        if let Dialect::Scopes = dialect
            && input.peek(LitStr)
        {
            return input.parse().map(Self::Scope);
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error(match dialect {
                Dialect::Landing => error::LANDING_RULE,
                Dialect::Scopes => error::SCOPE_RULE,
            }));
        }
        let word = input.call(Ident::parse_any)?;
        if input.peek(Token![::]) {
            let rest: TokenStream = input.parse()?;
            let path = quote!(#word #rest);
            return Err(syn::Error::new_spanned(path, error::SCOPE_BY_PATH));
        }
        let text = word.to_string();
        if !dialect.words().contains(&text.as_str()) {
            let sentence = match dialect {
                Dialect::Scopes if error::nearest(&text, dialect.words()).is_none() => {
                    error::unquoted("scope", &text)
                }
                _ => error::unknown_condition(&text, dialect.words()),
            };
            return Err(syn::Error::new(word.span(), sentence));
        }
        if !input.peek(token::Paren) {
            return Err(syn::Error::new(word.span(), error::condition_shape(&text)));
        }
        let within;
        parenthesized!(within in input);
        if within.is_empty() {
            return Err(syn::Error::new(word.span(), error::condition_empty(&text)));
        }
        match text.as_str() {
            "scope" => one(&within, &text).map(Self::Scope),
            "role" => one(&within, &text).map(Self::Role),
            "all" => many(&within, dialect).map(Self::All),
            _ => many(&within, dialect).map(Self::Any),
        }
    }

    /// Reports names that are none, and names that stand twice in one list.
    pub(crate) fn check(&self, errors: &mut Errors) {
        match self {
            Self::Everybody(_) => {}
            Self::Scope(name) => check_scope(name, errors),
            Self::Role(name) => {
                let _ = checked(name, "a role", rule::role, errors);
            }
            Self::All(parts) | Self::Any(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    part.check(errors);
                    if parts[..at].iter().any(|earlier| earlier.same(part)) {
                        part.report_twice(errors);
                    }
                }
            }
        }
    }

    fn report_twice(&self, errors: &mut Errors) {
        match self {
            Self::Scope(name) => errors.at(name, error::named_twice("scope", &name.value())),
            Self::Role(name) => errors.at(name, error::named_twice("role", &name.value())),
            Self::Everybody(token) => errors.at(token, error::CONDITION_TWICE),
            Self::All(parts) | Self::Any(parts) => {
                if let Some(name) = parts
                    .first()
                    .and_then(|part| part.names().into_iter().next())
                {
                    errors.at(name.1, error::CONDITION_TWICE);
                }
            }
        }
    }

    /// The names in it: whether each is a scope, and where it stands.
    pub(crate) fn names(&self) -> Vec<(bool, &LitStr)> {
        match self {
            Self::Everybody(_) => Vec::new(),
            Self::Scope(name) => vec![(true, name)],
            Self::Role(name) => vec![(false, name)],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::names).collect(),
        }
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.implies(other) && other.implies(self)
    }

    /// Does everybody who matches this match the other? `false` where it cannot be seen.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Everybody(_)) => true,
            (Self::Scope(a), Self::Scope(b)) | (Self::Role(a), Self::Role(b)) => {
                a.value() == b.value()
            }
            (Self::Any(parts), other) => parts.iter().all(|part| part.implies(other)),
            (this, Self::All(parts)) => parts.iter().all(|part| this.implies(part)),
            (Self::All(mine), Self::Any(theirs)) => {
                mine.iter().any(|part| part.implies(other))
                    || theirs.iter().any(|part| self.implies(part))
            }
            (Self::All(parts), other) => parts.iter().any(|part| part.implies(other)),
            (this, Self::Any(parts)) => parts.iter().any(|part| this.implies(part)),
            _ => false,
        }
    }

    /// As a value of the runtime's `Policy`.
    pub(crate) fn value(&self, krate: &Path) -> TokenStream {
        let parts = |parts: &[Self]| -> Vec<TokenStream> {
            parts.iter().map(|part| part.value(krate)).collect()
        };
        match self {
            Self::Everybody(_) => quote!(#krate::Policy::SignedIn),
            Self::Scope(name) => quote!(#krate::Policy::Scope(#name)),
            Self::Role(name) => quote!(#krate::Policy::Role(#name)),
            Self::All(all) => {
                let all = parts(all);
                quote!(#krate::Policy::All(&[#(#all),*]))
            }
            Self::Any(any) => {
                let any = parts(any);
                quote!(#krate::Policy::Any(&[#(#any),*]))
            }
        }
    }
}

/// As it is written.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |parts: &[Self]| {
            let parts: Vec<String> = parts.iter().map(Self::to_string).collect();
            parts.join(", ")
        };
        match self {
            Self::Everybody(_) => f.write_str("_"),
            Self::Scope(name) => write!(f, "scope({:?})", name.value()),
            Self::Role(name) => write!(f, "role({:?})", name.value()),
            Self::All(parts) => write!(f, "all({})", list(parts)),
            Self::Any(parts) => write!(f, "any({})", list(parts)),
        }
    }
}

fn check_scope(name: &LitStr, errors: &mut Errors) {
    let text = name.value();
    if rule::scope(&text) == Err(rule::Reason::Char(' ')) && text.split_whitespace().count() > 1 {
        errors.at(name, error::spaced_scopes(&text));
    } else {
        let _ = checked(name, "a scope", rule::scope, errors);
    }
}

fn one(within: ParseStream<'_>, word: &str) -> syn::Result<LitStr> {
    if !within.peek(LitStr) {
        let rest: TokenStream = within.parse()?;
        let text = rest.to_string();
        return Err(syn::Error::new_spanned(rest, error::unquoted(word, &text)));
    }
    let name = within.parse()?;
    let _: Option<Token![,]> = within.parse()?;
    if within.is_empty() {
        return Ok(name);
    }
    let rest: TokenStream = within.parse()?;
    Err(syn::Error::new_spanned(rest, error::one_name(word)))
}

fn many(within: ParseStream<'_>, dialect: Dialect) -> syn::Result<Vec<Condition>> {
    let mut parts = Vec::new();
    while !within.is_empty() {
        parts.push(Condition::parse(within, dialect)?);
        if within.is_empty() {
            break;
        }
        if !within.peek(Token![,]) {
            return Err(within.error(error::NO_COMMA));
        }
        let _: Token![,] = within.parse()?;
    }
    Ok(parts)
}
