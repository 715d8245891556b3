//! What stands after a key: a string, `env(...)`, `none`, a path, a list.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, Ident, Lit, LitStr, Meta, Path, Token};

use crate::advice::{self, NONE};
use crate::error::{self, Errors};
use crate::key::Key;
use crate::routes::secret_literal;
use crate::rule::{self, Rule};
use authsafe_rules::text;

/// A value that may come from elsewhere.
pub(crate) enum Value {
    Literal(LitStr),
    Env(Env),
    None(Ident),
    Path(Path),
}

/// `env("NAME")`, `env("NAME", default = "...")`.
pub(crate) struct Env {
    pub(crate) name: LitStr,
    pub(crate) default: Option<EnvDefault>,
}

pub(crate) enum EnvDefault {
    Literal(LitStr),
    None(Ident),
}

/// Reads `key = "..."`, `key = env(...)` or `key = path`.
pub(crate) fn value(key: &Key, errors: &mut Errors) -> Option<Value> {
    match plain(expr(key, errors)?) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(text) => match text::variable_in(&text.value()) {
                Some(name) => errors.refuse(text, error::variable_in_quotes(&key.name(), name)),
                None => Some(Value::Literal(text.clone())),
            },
            other => errors.refuse(other, error::not_a_string(key)),
        },
        Expr::Path(path) if path.qself.is_none() => Some(match path.path.get_ident() {
            Some(ident) if ident == "none" => Value::None(ident.clone()),
            Some(ident) if NONE.contains(&ident.to_string().as_str()) => {
                return errors.refuse(ident, error::shape(key));
            }
            _ => Value::Path(path.path.clone()),
        }),
        Expr::Call(call) => env(key, call, errors).map(Value::Env),
        Expr::Macro(mac) if mac.mac.path.is_ident("env") => {
            errors.refuse(&mac.mac, error::env_macro(&key.line()))
        }
        Expr::Reference(reference) => by_reference(key, reference, errors),
        other if key.is_secret() && advice::has_text(other) && !advice::reads_variable(other) => {
            errors.refuse(other, secret_literal(key))
        }
        other => errors.refuse(other, error::shape(key)),
    }
}

fn by_reference<T>(key: &Key, reference: &syn::ExprReference, errors: &mut Errors) -> Option<T> {
    match plain(&reference.expr) {
        Expr::Path(path) => {
            let path = path.to_token_stream().to_string().replace(' ', "");
            errors.refuse(reference, error::reference(&key.name(), &path))
        }
        _ => errors.refuse(reference, error::shape(key)),
    }
}

fn env(key: &Key, call: &ExprCall, errors: &mut Errors) -> Option<Env> {
    let Expr::Path(function) = plain(&call.func) else {
        return errors.refuse(call, error::shape(key));
    };
    if !function.path.is_ident("env") {
        let function = function.path.to_token_stream().to_string();
        let sentence = match () {
            () if call.args.is_empty() => error::call(&function),
            () if key.is_secret() && advice::has_text(call) && !advice::reads_variable(call) => {
                secret_literal(key)
            }
            () => error::shape(key),
        };
        return errors.refuse(call, sentence);
    }
    let mut args = call.args.iter();
    let Some(first) = args.next() else {
        return errors.refuse(call, error::env_empty(&key.line()));
    };
    let name = string(first);
    let default = args.next().map(env_default);
    match (name, default, args.next()) {
        (Some(name), None, None) => named(name, None, errors),
        (Some(name), Some(Some(default)), None) => named(name, Some(default), errors),
        (None, _, _) => errors.refuse(first, error::env_shape(&key.line())),
        _ => {
            let rest: Punctuated<&Expr, Token![,]> = call.args.iter().skip(1).collect();
            errors.refuse(rest, error::env_shape(&key.line()))
        }
    }
}

fn env_default(arg: &Expr) -> Option<EnvDefault> {
    let Expr::Assign(assign) = plain(arg) else {
        return None;
    };
    match plain(&assign.left) {
        Expr::Path(path) if path.path.is_ident("default") => {}
        _ => return None,
    }
    match plain(&assign.right) {
        Expr::Path(path) if path.path.is_ident("none") => {
            path.path.get_ident().cloned().map(EnvDefault::None)
        }
        right => string(right).map(EnvDefault::Literal),
    }
}

fn named(name: LitStr, default: Option<EnvDefault>, errors: &mut Errors) -> Option<Env> {
    checked(&name, "a variable", &rule::VARIABLE, errors)?;
    Some(Env { name, default })
}

/// Reads `key = "..."` and nothing else.
pub(crate) fn literal(key: &Key, errors: &mut Errors) -> Option<LitStr> {
    let expr = expr(key, errors)?;
    string(expr).or_else(|| errors.refuse(expr, error::not_a_string(key)))
}

/// Reads `key = path::to::something`.
pub(crate) fn path(key: &Key, errors: &mut Errors) -> Option<Path> {
    match plain(expr(key, errors)?) {
        Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        Expr::Reference(reference) => by_reference(key, reference, errors),
        Expr::Call(call) if call.args.is_empty() => {
            let function = call.func.to_token_stream().to_string();
            errors.refuse(call, error::call(&function))
        }
        other => errors.refuse(other, error::shape(key)),
    }
}

/// Reads `key`, `key = true` or `key = false`.
pub(crate) fn flag(key: Option<&Key>, errors: &mut Errors) -> Option<bool> {
    let key = key?;
    if let Meta::Path(_) = key.meta {
        return Some(true);
    }
    if let Meta::NameValue(pair) = &key.meta
        && let Expr::Lit(lit) = plain(&pair.value)
        && let Lit::Bool(flag) = &lit.lit
    {
        return Some(flag.value);
    }
    errors.refuse(key, error::shape(key))
}

/// Returns what is within `key(...)`.
pub(crate) fn list(key: &Key, errors: &mut Errors) -> Option<TokenStream> {
    match &key.meta {
        Meta::List(list) => Some(list.tokens.clone()),
        other => errors.refuse(other, error::shape(key)),
    }
}

/// Holds a text to a rule. Returns what it means, or reports why it is refused.
pub(crate) fn checked<T>(
    text: &LitStr,
    what: &str,
    rule: &Rule<T>,
    errors: &mut Errors,
) -> Option<T> {
    let value = text.value();
    match (rule.check)(&value) {
        Ok(meaning) => Some(meaning),
        Err(reason) => errors.refuse(text, error::refused(what, &rule.wrong(&value, &reason))),
    }
}

fn expr<'a>(key: &'a Key, errors: &mut Errors) -> Option<&'a Expr> {
    match &key.meta {
        Meta::NameValue(pair) => Some(&pair.value),
        Meta::Path(path) => errors.refuse(path, error::no_value(&key.name(), &key.line())),
        Meta::List(list) => errors.refuse(list, error::shape(key)),
    }
}

fn string(expr: &Expr) -> Option<LitStr> {
    match plain(expr) {
        Expr::Lit(syn::ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.clone()),
        _ => None,
    }
}

/// Removes the invisible groups that `macro_rules!` puts around what it passes on.
pub(crate) fn plain(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => plain(&group.expr),
        Expr::Paren(paren) => plain(&paren.expr),
        other => other,
    }
}
