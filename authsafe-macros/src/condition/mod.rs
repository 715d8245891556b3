//! `scope("a")`, `role("b")`, `not(...)`, `all(...)`, `any(...)`: a condition as it was written.

mod logic;
mod sentences;

use core::fmt;

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token, parenthesized, token};

use crate::error::{self, Errors};
use crate::rule::{self, Rule};
use crate::value::checked;
use authsafe_rules::text;

pub(crate) use logic::{Clash, Goal, Why, clash, never};
pub(crate) use sentences::{LANDING_RULE, POLICY_ALONE, all_or_any, one_org};

#[derive(Clone)]
pub(crate) enum Condition {
    Everybody(Token![_]),
    Named(Kind, LitStr),
    /// A duration as it was written, and its seconds; zero where it is none, as `check` reports.
    Recent(LitStr, u32),
    /// A policy of the app's own, by its type.
    Policy(Path),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// The kind of thing that a name names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Scope,
    Role,
    Permission,
    Org,
}

impl Kind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Permission => "permission",
            Self::Org => "org",
        }
    }

    fn of(word: &str) -> Option<Self> {
        let kinds = [Self::Scope, Self::Role, Self::Permission, Self::Org];
        kinds.into_iter().find(|kind| kind.word() == word)
    }

    const fn rule(self) -> &'static Rule {
        match self {
            Self::Scope => &rule::SCOPE,
            Self::Role => &rule::ROLE,
            Self::Permission => &rule::PERMISSION,
            Self::Org => &rule::ORG,
        }
    }
}

/// The place of a condition: it says what a bare string means, and which words there are.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    /// A landing rule: `_`, `scope(...)`, `role(...)`, `all(...)`, `any(...)`.
    Landing,
    /// `#[require_scope(...)]` and its like: `"..."`, `all(...)`, `any(...)`.
    Names(Kind),
    /// `#[policy(...)]`, a path rule: each name says what it is.
    Tree,
    /// `#[require(...)]`: the same, and policies of the app's own.
    Policies,
}

impl Dialect {
    pub(crate) const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Landing => &["scope", "role", "all", "any"],
            // A session is of one organization.
            Self::Names(Kind::Org) => &["any"],
            Self::Names(_) => &["all", "any"],
            Self::Tree | Self::Policies => &[
                "scope",
                "role",
                "permission",
                "org",
                "recent",
                "not",
                "all",
                "any",
            ],
        }
    }

    /// Returns what `all` and `any` have in them.
    pub(crate) const fn part(self) -> &'static str {
        match self {
            Self::Landing => "scope",
            Self::Names(kind) => kind.word(),
            Self::Tree | Self::Policies => "condition",
        }
    }

    fn refuse_word(self, word: &str) -> String {
        match self {
            Self::Tree if word == "policy" => sentences::POLICY_ALONE.to_owned(),
            Self::Names(Kind::Org) if word == "all" => sentences::all_or_any(self.part()),
            Self::Names(kind) if error::nearest(word, self.words()).is_none() => {
                error::unquoted(kind.word(), word)
            }
            _ => sentences::unknown_condition(word, self.words()),
        }
    }

    /// Returns the error for what stands where a word was expected.
    fn refuse(self, input: ParseStream<'_>) -> syn::Error {
        match self {
            Self::Landing => input.error(sentences::LANDING_RULE),
            Self::Names(kind) => input.error(sentences::name_rule(kind.word())),
            Self::Tree | Self::Policies => match input.parse::<LitStr>() {
                Ok(name) => syn::Error::new(name.span(), sentences::bare_name(&name.value())),
                Err(_) => input.error(sentences::CONDITION_RULE),
            },
        }
    }
}

impl Condition {
    pub(crate) fn parse(input: ParseStream<'_>, dialect: Dialect) -> syn::Result<Self> {
        match dialect {
            Dialect::Landing if input.peek(Token![_]) => {
                return input.parse().map(Self::Everybody);
            }
            Dialect::Names(kind) if input.peek(LitStr) => {
                return input.parse().map(|name| Self::Named(kind, name));
            }
            _ => {}
        }
        if !input.peek(Ident::peek_any) {
            return Err(dialect.refuse(input));
        }
        let word = input.call(Ident::parse_any)?;
        if input.peek(Token![::]) {
            let rest: TokenStream = input.parse()?;
            let path = quote!(#word #rest);
            let sentence = sentences::name_by_path(dialect.part());
            return Err(syn::Error::new_spanned(path, sentence));
        }
        let text = word.to_string();
        if text == "policy" && matches!(dialect, Dialect::Policies) && input.peek(token::Paren) {
            let within;
            parenthesized!(within in input);
            return by_policy(&word, &within).map(Self::Policy);
        }
        if !dialect.words().contains(&text.as_str()) {
            return Err(syn::Error::new(word.span(), dialect.refuse_word(&text)));
        }
        if !input.peek(token::Paren) {
            return Err(syn::Error::new(
                word.span(),
                sentences::condition_shape(&text),
            ));
        }
        let within;
        parenthesized!(within in input);
        if within.is_empty() {
            let sentence = sentences::condition_empty(&text, dialect.part());
            return Err(syn::Error::new(word.span(), sentence));
        }
        match text.as_str() {
            "not" => negated(&within, dialect),
            "all" => many(&within, dialect).map(Self::All),
            "recent" => duration(&within).map(Self::recent),
            text => match Kind::of(text) {
                Some(kind) => one(&within, text).map(|name| Self::Named(kind, name)),
                None => many(&within, dialect).map(Self::Any),
            },
        }
    }

    pub(crate) fn everybody() -> Self {
        Self::Everybody(Token![_](Span::call_site()))
    }

    pub(crate) fn recent(max_age: LitStr) -> Self {
        // Ten years at most.
        let seconds = text::duration(&max_age.value()).unwrap_or_default();
        Self::Recent(max_age, u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    /// Reports names that are none, names that stand twice in one list, and what decides nothing.
    pub(crate) fn check(&self, errors: &mut Errors) {
        self.check_within(false, errors);
    }

    /// Returns whether it was reported that something in it decides nothing. `negated`: an odd number of `not`s is
    /// around it.
    fn check_within(&self, negated: bool, errors: &mut Errors) -> bool {
        let parts = match self {
            Self::Everybody(_) | Self::Policy(_) => return false,
            Self::Named(kind, name) => {
                check_name(*kind, name, errors);
                return false;
            }
            Self::Recent(max_age, _) => {
                let _ = checked(max_age, "recent", &rule::DURATION, errors);
                return false;
            }
            Self::Not(part) => return part.check_within(!negated, errors),
            Self::All(parts) | Self::Any(parts) => parts,
        };
        let asked = matches!(self, Self::All(_));
        let mut goals: Vec<Goal<'_>> = Vec::new();
        let mut settled = false;
        for part in parts {
            if part.check_within(negated, errors) {
                settled = true;
            } else if goals.iter().any(|(earlier, _)| earlier.same(part)) {
                part.report_twice(errors);
            } else if let Some(clash) = logic::clash(&goals, (part, asked)) {
                let sentence = sentences::settled(asked, negated, &clash);
                clash.at.report(errors, &sentence);
                settled = true;
            } else {
                goals.push((part, asked));
            }
        }
        settled
    }

    fn report_twice(&self, errors: &mut Errors) {
        match self {
            Self::Named(kind, name) => {
                errors.at(name, error::named_twice(kind.word(), &name.value()));
            }
            _ => self.report(errors, sentences::CONDITION_TWICE),
        }
    }

    /// Reports it at its first string.
    pub(crate) fn report(&self, errors: &mut Errors, sentence: &str) {
        if let Self::Everybody(token) = self {
            errors.at(token, sentence);
        } else if let Self::Policy(path) = self {
            errors.at(path, sentence);
        } else if let Some(first) = self.first() {
            errors.at(first, sentence);
        }
    }

    /// Returns the first string in it.
    pub(crate) fn first(&self) -> Option<&LitStr> {
        match self {
            Self::Everybody(_) | Self::Policy(_) => None,
            Self::Named(_, text) | Self::Recent(text, _) => Some(text),
            Self::Not(part) => part.first(),
            Self::All(parts) | Self::Any(parts) => parts.iter().find_map(Self::first),
        }
    }

    /// Returns the names in it: what each names, and where it stands.
    pub(crate) fn named(&self) -> Vec<(Kind, &LitStr)> {
        match self {
            Self::Everybody(_) | Self::Recent(..) | Self::Policy(_) => Vec::new(),
            Self::Named(kind, name) => vec![(*kind, name)],
            Self::Not(part) => part.named(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::named).collect(),
        }
    }

    /// Returns the policies of the app's own in it.
    pub(crate) fn policies(&self) -> Vec<&Path> {
        match self {
            Self::Everybody(_) | Self::Recent(..) | Self::Named(..) => Vec::new(),
            Self::Policy(path) => vec![path],
            Self::Not(part) => part.policies(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::policies).collect(),
        }
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.implies(other) && other.implies(self)
    }

    /// Returns whether everybody who matches this matches the other. `false` where that takes too long to see.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        logic::never(&[(self, true), (other, false)])
    }

    /// Writes it as a value of the runtime's `Policy`.
    pub(crate) fn value(&self, runtime: &Path) -> TokenStream {
        let parts = |parts: &[Self]| -> Vec<TokenStream> {
            parts.iter().map(|part| part.value(runtime)).collect()
        };
        match self {
            Self::Everybody(_) => quote!(#runtime::Policy::SignedIn),
            // No constant can ask it: it stands in guards alone, which are types.
            Self::Policy(_) => quote!(#runtime::Policy::Any(&[])),
            Self::Named(Kind::Scope, name) => quote!(#runtime::Policy::Scope(#name)),
            Self::Named(Kind::Role, name) => quote!(#runtime::Policy::Role(#name)),
            Self::Named(Kind::Permission, name) => quote!(#runtime::Policy::Permission(#name)),
            Self::Named(Kind::Org, name) => quote!(#runtime::Policy::Org(#name)),
            Self::Recent(_, seconds) => {
                let seconds = Literal::u32_unsuffixed(*seconds);
                quote!(#runtime::Policy::Recent(#seconds))
            }
            Self::Not(part) => {
                let part = part.value(runtime);
                quote!(#runtime::Policy::Not(&#part))
            }
            Self::All(all) => {
                let all = parts(all);
                quote!(#runtime::Policy::All(&[#(#all),*]))
            }
            Self::Any(any) => {
                let any = parts(any);
                quote!(#runtime::Policy::Any(&[#(#any),*]))
            }
        }
    }
}

/// Writes it as the user did.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |parts: &[Self]| {
            let parts: Vec<String> = parts.iter().map(Self::to_string).collect();
            parts.join(", ")
        };
        match self {
            Self::Everybody(_) => f.write_str("_"),
            Self::Policy(path) => write!(f, "policy({})", quote!(#path)),
            Self::Named(kind, name) => write!(f, "{}({:?})", kind.word(), name.value()),
            Self::Recent(max_age, _) => write!(f, "recent({:?})", max_age.value()),
            Self::Not(part) => write!(f, "not({part})"),
            Self::All(parts) => write!(f, "all({})", list(parts)),
            Self::Any(parts) => write!(f, "any({})", list(parts)),
        }
    }
}

fn check_name(kind: Kind, name: &LitStr, errors: &mut Errors) {
    let text = name.value();
    let spaced = text::scope(&text) == Err(text::Reason::Char(' '));
    if kind == Kind::Scope && spaced && text.split_whitespace().count() > 1 {
        errors.at(name, sentences::spaced_scopes(&text));
    } else {
        let _ = checked(name, &error::a(kind.word()), kind.rule(), errors);
    }
}

/// Reads what is within `policy(path)`.
fn by_policy(word: &Ident, within: ParseStream<'_>) -> syn::Result<Path> {
    if within.is_empty() {
        return Err(syn::Error::new(word.span(), sentences::POLICY_SHAPE));
    }
    let shape = |input: ParseStream<'_>| input.error(sentences::POLICY_SHAPE);
    if !within.peek(Ident::peek_any) && !within.peek(Token![::]) {
        return Err(shape(within));
    }
    let path = within.call(Path::parse_mod_style)?;
    let _: Option<Token![,]> = within.parse()?;
    match within.is_empty() {
        true => Ok(path),
        false => Err(shape(within)),
    }
}

fn negated(within: ParseStream<'_>, dialect: Dialect) -> syn::Result<Condition> {
    let part = Condition::parse(within, dialect)?;
    let _: Option<Token![,]> = within.parse()?;
    if within.is_empty() {
        return Ok(Condition::Not(Box::new(part)));
    }
    let rest: TokenStream = within.parse()?;
    Err(syn::Error::new_spanned(rest, sentences::NOT_ONE))
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
    Err(syn::Error::new_spanned(rest, sentences::one_name(word)))
}

/// Reads what is within `recent("5m")`.
fn duration(within: ParseStream<'_>) -> syn::Result<LitStr> {
    match within.call(Punctuated::<LitStr, Token![,]>::parse_terminated) {
        Ok(strings) if strings.len() == 1 => Ok(strings[0].clone()),
        Ok(strings) => Err(syn::Error::new_spanned(strings, sentences::RECENT_SHAPE)),
        Err(error) => Err(syn::Error::new(error.span(), sentences::RECENT_SHAPE)),
    }
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
