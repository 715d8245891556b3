//! What stands in the parentheses: a condition, then `routes = ...` and `crate = ...`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::Path;

use crate::advice;
use crate::condition::{self, Condition, Dialect, Kind, each};
use crate::error::Errors;
use crate::guard::{Which, check, sentences};
use crate::key::Key;
use crate::keys::{self, keys};
use crate::krate;
use crate::rule;
use crate::unauthenticated;
use crate::value::{self, checked};
use crate::words::{self, Meant};

/// The usage of the key `routes`.
pub(crate) const ROUTES_USAGE: &str = "routes = crate::auth` or `routes = any";

pub(crate) struct GuardArgs {
    pub(crate) asked: Asked,
    pub(crate) routes: Option<Key>,
    pub(crate) unauthenticated: Option<Key>,
    pub(crate) krate: Option<Key>,
}

/// The condition or the policy that lets a visitor in.
#[derive(Clone)]
pub(crate) enum Asked {
    Condition(Condition),
    /// A policy of the app's own, by its type.
    Policy(Path),
    /// A condition with such policies in it.
    Tree(Condition),
}

impl Asked {
    /// Returns the condition, whatever is in it.
    pub(crate) fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Condition(condition) | Self::Tree(condition) => Some(condition),
            Self::Policy(_) => None,
        }
    }

    /// Returns the policies of the app's own in it.
    pub(crate) fn policies(&self) -> Vec<&Path> {
        match self {
            Self::Condition(condition) | Self::Tree(condition) => condition.policies(),
            Self::Policy(path) => vec![path],
        }
    }
}

keys!(
    /// The keys of `#[require_auth]`, which may follow a condition too.
    GuardKeys in "" {
        routes: "routes" = ROUTES_USAGE,
        unauthenticated: "unauthenticated" = unauthenticated::USAGE,
        krate: "crate" = krate::USAGE,
    }
);

impl GuardKeys {
    fn asking(self, asked: Asked) -> GuardArgs {
        GuardArgs {
            asked,
            routes: self.routes,
            unauthenticated: self.unauthenticated,
            krate: self.krate,
        }
    }
}

keys!(
    /// The keys of `#[require(policy = ...)]`.
    PolicyKeys in "" {
        policy: "policy" = "policy = path::to::policy",
        krate: "crate" = krate::USAGE,
    }
);

keys!(
    /// The keys of `#[require_recent]`.
    RecentKeys in "" {
        max_age: "max_age" = r#"max_age = "8h""#,
        routes: "routes" = ROUTES_USAGE,
        unauthenticated: "unauthenticated" = unauthenticated::USAGE,
        krate: "crate" = krate::USAGE,
    }
);

pub(crate) fn parse(which: Which, args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    match which {
        Which::Auth => auth(args, errors),
        Which::Recent => recent(which, &args, errors),
        Which::Names(kind) => conditional(which, Dialect::Names(kind), args, errors),
        Which::Tree if Parts::of(&args).is_policy() => policy(args, errors),
        Which::Tree => conditional(which, Dialect::Policies, args, errors),
        Which::Policy => conditional(which, Dialect::Tree, args, errors),
    }
}

fn auth(args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    let parts = Parts::of(&args);
    let asked = parts.asked(Which::Auth, Kind::Scope);
    if parts.has_conditions() || asked.is_some() {
        let guards = match (parts.has_conditions(), asked) {
            (false, Some(line)) => format!("`{line}`"),
            _ => parts.guards(Kind::Scope),
        };
        errors.at(parts.conditions_and_asking(), sentences::auth_args(&guards));
        let _: GuardKeys = keys::parse(parts.keys(), errors);
        return None;
    }
    let keys: GuardKeys = keys::parse(args, errors);
    Some(keys.asking(Asked::Condition(Condition::everybody())))
}

fn recent(which: Which, args: &TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    let parts = Parts::of(args);
    if args.is_empty() || begins_with_literal(args) || parts.has_conditions() {
        let age = advice::like(args, "5m").filter(|it| (rule::DURATION.check)(it).is_ok());
        let sentence = sentences::recent_empty(age.as_deref().unwrap_or("5m"));
        match parts.has_conditions() {
            true => errors.at(parts.conditions(), sentence),
            false => errors.at(args, sentence),
        }
        let _: RecentKeys = keys::parse(parts.keys(), errors);
        return None;
    }
    let before = errors.count();
    let keys: RecentKeys = keys::parse(args.clone(), errors);
    let Some(max_age) = &keys.max_age else {
        if errors.count() == before {
            errors.at(args, sentences::guard_empty(which.name()));
        }
        return None;
    };
    let text = value::literal(max_age, errors)?;
    checked(&text, "max_age", &rule::DURATION, errors)?;
    Some(GuardArgs {
        asked: Asked::Condition(Condition::recent(text)),
        routes: keys.routes,
        unauthenticated: keys.unauthenticated,
        krate: keys.krate,
    })
}

fn policy(args: TokenStream, errors: &mut Errors) -> Option<GuardArgs> {
    let keys: PolicyKeys = keys::parse(args, errors);
    let path = value::path(keys.policy.as_ref()?, errors)?;
    Some(GuardArgs {
        asked: Asked::Policy(path),
        routes: None,
        unauthenticated: None,
        krate: keys.krate,
    })
}

fn conditional(
    which: Which,
    dialect: Dialect,
    args: TokenStream,
    errors: &mut Errors,
) -> Option<GuardArgs> {
    if args.is_empty() {
        return errors.refuse(args, sentences::guard_empty(which.name()));
    }
    // Commas that are too many are reported here.
    let _ = keys::split(args.clone(), errors);
    let parts = Parts::of(&args);
    let condition = parts.condition(which, dialect, errors);
    if parts.conditions.is_empty() && parts.asking.is_empty() {
        errors.at(&args, sentences::guard_empty(which.name()));
    }
    let keys: GuardKeys = keys::parse(parts.keys(), errors);
    let Some(condition) = condition else {
        check::keys([&keys.routes, &keys.unauthenticated, &keys.krate], errors);
        return None;
    };
    Some(keys.asking(match condition.policies().is_empty() {
        true => Asked::Condition(condition),
        false => Asked::Tree(condition),
    }))
}

/// What stands between the commas: conditions, and keys.
struct Parts {
    conditions: Vec<TokenStream>,
    /// Keys that are conditions here: `role = "admin"`, each with that condition.
    asking: Vec<(TokenStream, TokenStream)>,
    keys: Vec<TokenStream>,
}

impl Parts {
    fn of(args: &TokenStream) -> Self {
        let parts = keys::split(args.clone(), &mut Errors::default());
        let (keys, conditions): (Vec<_>, _) = parts.into_iter().partition(is_key);
        let (mut asking, mut rest) = (Vec::new(), Vec::new());
        for key in keys {
            match asked(&key) {
                Some(condition) => asking.push((key, condition)),
                None => rest.push(key),
            }
        }
        Self {
            conditions,
            asking,
            keys: rest,
        }
    }

    /// Returns the attribute that asks for the conditions, and for those that are written as keys. `None`: there
    /// are no such keys.
    fn asked(&self, which: Which, kind: Kind) -> Option<String> {
        if self.asking.is_empty() {
            return None;
        }
        let mut silent = Errors::default();
        let asking = self.asking.iter().map(|(_, condition)| condition);
        let all = self.conditions.iter().chain(asking);
        let read = all.map(|part| Condition::read(part, Dialect::Mixed(kind), &mut silent));
        let condition = Condition::all(read.collect::<Option<Vec<_>>>()?);
        Some(match &condition {
            condition if matches!(which, Which::Policy) => format!("#[policy({condition})]"),
            Condition::Policy(path) => {
                format!("#[require(policy = {})]", advice::compact(&quote!(#path)))
            }
            other => other.guard(),
        })
    }

    /// Returns the policy that a key names.
    fn policy(&self) -> Option<String> {
        let key = self.asking.iter().find(|(key, _)| begins_with_policy(key));
        advice::path(key?.0.clone().into_iter().skip(2).collect())
    }

    fn conditions_and_asking(&self) -> TokenStream {
        let parts = self
            .conditions
            .iter()
            .chain(self.asking.iter().map(|(key, _)| key));
        quote!(#(#parts),*)
    }

    /// Returns whether it is one policy, and nothing besides.
    fn is_policy(&self) -> bool {
        let asks = self.asking.iter();
        self.conditions.is_empty()
            && !self.asking.is_empty()
            && asks.clone().all(|(key, _)| begins_with_policy(key))
    }

    fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    fn conditions(&self) -> TokenStream {
        let parts = &self.conditions;
        quote!(#(#parts),*)
    }

    fn keys(&self) -> TokenStream {
        let parts = &self.keys;
        quote!(#(#parts),*)
    }

    /// Returns the guards that ask for the conditions. A bare string is of this kind.
    fn guards(&self, kind: Kind) -> String {
        let read = |kind| {
            let mut silent = Errors::default();
            let read = |part| Condition::read(part, Dialect::Mixed(kind), &mut silent);
            let parts: Option<Vec<_>> = self.conditions.iter().map(read).collect();
            parts.map(Condition::all)
        };
        match (read(kind), read(Kind::Role)) {
            (Some(one), Some(other)) if one.guard() != other.guard() => {
                format!("`{}` or `{}`", one.guard(), other.guard())
            }
            (Some(one), _) => format!("`{}`", one.guard()),
            _ if self.conditions.iter().all(signed_in) => "`#[require_auth]`".to_owned(),
            _ => "`#[require_scope(\"...\")]` or `#[require_role(\"...\")]`".to_owned(),
        }
    }

    /// Reads the one condition.
    fn condition(&self, which: Which, dialect: Dialect, errors: &mut Errors) -> Option<Condition> {
        let kind = match dialect {
            Dialect::Names(kind) => kind,
            _ => Kind::Scope,
        };
        if let Some(path) = self.policy().filter(|_| matches!(which, Which::Policy)) {
            return errors.refuse(
                self.conditions_and_asking(),
                sentences::no_policy_of_one(&path),
            );
        }
        if let Some(guard) = self.asked(which, kind) {
            let sentence = sentences::asks_by_key(&guard);
            return errors.refuse(self.conditions_and_asking(), sentence);
        }
        // None of it can be read, and that is said: a key that asks for something is no empty guard.
        if !self.asking.is_empty() {
            let before = errors.count();
            for (_, condition) in &self.asking {
                Condition::read(condition, Dialect::Mixed(kind), errors);
            }
            if errors.count() == before {
                let all = self.conditions_and_asking();
                errors.at(all, sentences::guard_empty(which.name()));
            }
            return None;
        }
        if let Dialect::Names(kind) = dialect
            && let Some(more) = self.more(kind)
        {
            let sentence = condition::asks_for_more(which.name(), kind.word(), &more);
            return errors.refuse(self.conditions(), sentence);
        }
        if let [_, .., last] = self.conditions.as_slice()
            && let Some(path) = routes_without_key(last)
        {
            return errors.refuse(last, sentences::routes_by_key(&path));
        }
        let parts = self.conditions.iter();
        let mut read = each(parts.map(|part| Condition::read(part, dialect, errors)))?;
        if read.len() > 1 {
            let parts: Vec<String> = read
                .iter()
                .map(|part| match dialect {
                    Dialect::Names(_) => part.plain(),
                    _ => part.to_string(),
                })
                .collect();
            let sentence = condition::all_or_any(dialect.part(), &parts.join(", "));
            return errors.refuse(self.conditions(), sentence);
        }
        read.pop()
    }

    /// Returns the guard that asks for what one for names of this kind cannot.
    fn more(&self, kind: Kind) -> Option<String> {
        let mut silent = Errors::default();
        let dialect = Dialect::Names(kind);
        let mut read = |dialect| {
            let parts = self.conditions.iter();
            let read = parts.map(|part| Condition::read(part, dialect, &mut silent));
            read.collect::<Option<Vec<_>>>()
        };
        if read(dialect).is_some() {
            return None;
        }
        let condition = Condition::all(read(Dialect::Mixed(kind))?);
        let is_org = kind == Kind::Org && condition.kind() == Some(Kind::Org);
        (!is_org).then(|| condition.guard())
    }
}

/// Returns whether it is a word for somebody who is signed in, or none.
fn signed_in(part: &TokenStream) -> bool {
    let word = part.to_string();
    ["_", "true"].contains(&word.as_str()) || words::condition(&word) == Some(Meant::SignedIn)
}

/// Returns the path of routes that stand without their key: `crate::auth`.
fn routes_without_key(part: &TokenStream) -> Option<String> {
    let path: Path = syn::parse2(part.clone()).ok()?;
    let last = path.segments.last()?;
    (last.ident == "auth").then(|| part.to_string().replace(' ', ""))
}

/// Returns the condition that a key is: `role = "admin"`, `max_age = "5m"`, `policy = path`.
fn asked(key: &TokenStream) -> Option<TokenStream> {
    let mut tokens = key.clone().into_iter();
    let TokenTree::Ident(word) = tokens.next()? else {
        return None;
    };
    let value: TokenStream = tokens.skip(1).collect();
    let name = word.to_string();
    let kind = match (name.as_str(), words::condition(&name)) {
        ("policy", _) => return Some(quote!(policy(#value))),
        ("scope" | "role" | "permission" | "org", _) => word,
        (_, Some(Meant::Named(kind))) => Ident::new(kind, word.span()),
        ("recent", _) | (_, Some(Meant::Recent)) => {
            let age = advice::like(&value, "5m")?;
            return Some(quote!(recent(#age)));
        }
        _ => return None,
    };
    let texts = advice::texts(&value);
    match texts.as_slice() {
        [] => None,
        [text] => Some(quote!(#kind(#text))),
        several => Some(quote!(any(#(#kind(#several)),*))),
    }
}

/// Returns whether it is `key = ...`, or a key alone.
fn is_key(part: &TokenStream) -> bool {
    let mut part = part.clone().into_iter();
    let Some(TokenTree::Ident(word)) = part.next() else {
        return false;
    };
    match part.next() {
        Some(TokenTree::Punct(punct)) => punct.as_char() == '=',
        Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => false,
        Some(TokenTree::Group(_)) | None => {
            let keys = <GuardKeys as keys::Keys>::KEYS;
            keys.iter().any(|(key, _)| word == key)
        }
    }
}

/// Returns whether it is `policy = ...`, whatever comes after it.
fn begins_with_policy(args: &TokenStream) -> bool {
    let mut args = args.clone().into_iter();
    matches!(args.next(), Some(TokenTree::Ident(key)) if key == "policy")
        && matches!(args.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=')
}

fn begins_with_literal(args: &TokenStream) -> bool {
    matches!(args.clone().into_iter().next(), Some(TokenTree::Literal(_)))
}
