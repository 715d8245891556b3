//! `scope("a")`, `role("b")`, `not(...)`, `all(...)`, `any(...)`: a condition as it was written.

mod logic;
mod parse;
mod sentences;

use core::fmt;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use syn::{LitStr, Path, Token};

use crate::advice;
use crate::error::{self, Errors};
use crate::names;
use crate::rule::{self, Rule};
use crate::value::checked;
use authsafe_rules::text;

pub(crate) use logic::{Clash, Goal, Why, clash, never};
pub(crate) use parse::each;
pub(crate) use sentences::{LANDING_RULE, all_or_any, asks_for_more, one_org};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// Returns the name that the runtime has for it, as a policy and as a type.
    pub(crate) fn type_name(self) -> Ident {
        Ident::new(&format!("{self:?}"), Span::call_site())
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
    /// A path rule: each name says what it is.
    Rule,
    /// `#[policy(...)]`, and what is in a list of a path rule.
    Tree,
    /// `#[require(...)]`: the same, and policies of the app's own.
    Policies,
    /// What is in a list of it.
    Inner,
    /// A guard for names of one kind that asks for more: a bare string is of that kind.
    Mixed(Kind),
}

impl Dialect {
    pub(crate) const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Landing => &["scope", "role", "all", "any"],
            // A session is of one organization.
            Self::Names(Kind::Org) => &["any"],
            Self::Names(_) => &["all", "any"],
            Self::Rule | Self::Tree | Self::Policies | Self::Inner | Self::Mixed(_) => &[
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
    pub(crate) fn part(self) -> &'static str {
        self.one_kind().map_or("condition", Kind::word)
    }

    /// Returns the kind of a bare string.
    const fn bare(self) -> Option<Kind> {
        match self {
            Self::Names(kind) | Self::Mixed(kind) => Some(kind),
            _ => None,
        }
    }

    /// Returns the one kind of the names that it has.
    const fn one_kind(self) -> Option<Kind> {
        match self {
            Self::Names(kind) => Some(kind),
            _ => None,
        }
    }

    const fn has_policies(self) -> bool {
        matches!(self, Self::Policies | Self::Inner | Self::Mixed(_))
    }

    /// Returns the one for the parts of a list.
    const fn within(self) -> Self {
        match self {
            Self::Rule => Self::Tree,
            Self::Policies => Self::Inner,
            same => same,
        }
    }

    fn refuse_word(self, word: &str, within: &TokenStream) -> String {
        match self {
            Self::Rule | Self::Tree if word == "policy" => sentences::NO_POLICY_HERE.to_owned(),
            Self::Names(Kind::Org) if word == "all" => all_or_any("org", &advice::compact(within)),
            Self::Names(kind) if error::nearest(word, self.words()).is_none() => {
                error::unquoted(kind.word(), word)
            }
            _ => sentences::unknown_condition(word, self.words()),
        }
    }

    /// Says what is expected where something stands that no condition begins with.
    fn expected(self) -> String {
        match self {
            Self::Landing => sentences::LANDING_RULE.to_owned(),
            Self::Names(kind) | Self::Mixed(kind) => sentences::name_rule(kind.word()),
            _ => sentences::CONDITION_RULE.to_owned(),
        }
    }
}

impl Condition {
    pub(crate) fn everybody() -> Self {
        Self::Everybody(Token![_](Span::call_site()))
    }

    /// Returns the condition that all of these are together.
    pub(crate) fn all(mut parts: Vec<Self>) -> Self {
        match parts.len() {
            0 => Self::everybody(),
            1 => parts.remove(0),
            _ => Self::All(parts),
        }
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
            Self::Named(kind, name) => {
                let kind = kind.type_name();
                quote!(#runtime::Policy::#kind(#name))
            }
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
        match self {
            Self::Everybody(_) => f.write_str("_"),
            Self::Policy(path) => write!(f, "policy({})", quote!(#path)),
            Self::Named(kind, name) => write!(f, "{}({:?})", kind.word(), name.value()),
            Self::Recent(max_age, _) => write!(f, "recent({:?})", max_age.value()),
            Self::Not(part) => write!(f, "not({part})"),
            Self::All(parts) => write!(f, "all({})", list(parts, Self::to_string)),
            Self::Any(parts) => write!(f, "any({})", list(parts, Self::to_string)),
        }
    }
}

fn list(parts: &[Condition], write: fn(&Condition) -> String) -> String {
    let parts: Vec<String> = parts.iter().map(write).collect();
    parts.join(", ")
}

fn check_name(kind: Kind, name: &LitStr, errors: &mut Errors) {
    // Several in one text have been told where they were read.
    if !names::is_several(kind.word(), name)
        && checked(name, &error::a(kind.word()), kind.rule(), errors).is_some()
    {
        names::check_letters(name, kind.word(), errors);
    }
}
