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
                Some(name) => {
                    errors.at(text, error::variable_in_quotes(&key.name(), name));
                    None
                }
                None => Some(Value::Literal(text.clone())),
            },
            other => {
                errors.at(other, error::not_a_string(key));
                None
            }
        },
        Expr::Path(path) if path.qself.is_none() => Some(match path.path.get_ident() {
            Some(ident) if ident == "none" => Value::None(ident.clone()),
            Some(ident) if NONE.contains(&ident.to_string().as_str()) => {
                errors.at(ident, error::shape(key));
                return None;
            }
            _ => Value::Path(path.path.clone()),
        }),
        Expr::Call(call) => env(key, call, errors).map(Value::Env),
        Expr::Macro(mac) if mac.mac.path.is_ident("env") => {
            errors.at(&mac.mac, error::env_macro(&key.line()));
            None
        }
        Expr::Reference(reference) => {
            by_reference(key, reference, errors);
            None
        }
        other if key.is_secret() && advice::has_text(other) && !advice::reads_variable(other) => {
            errors.at(other, secret_literal(key));
            None
        }
        other => {
            errors.at(other, error::shape(key));
            None
        }
    }
}

fn by_reference(key: &Key, reference: &syn::ExprReference, errors: &mut Errors) {
    match plain(&reference.expr) {
        Expr::Path(path) => {
            let path = path.to_token_stream().to_string().replace(' ', "");
            errors.at(reference, error::reference(&key.name(), &path));
        }
        _ => errors.at(reference, error::shape(key)),
    }
}

fn env(key: &Key, call: &ExprCall, errors: &mut Errors) -> Option<Env> {
    let Expr::Path(function) = plain(&call.func) else {
        errors.at(call, error::shape(key));
        return None;
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
        errors.at(call, sentence);
        return None;
    }
    let mut args = call.args.iter();
    let Some(first) = args.next() else {
        errors.at(call, error::env_empty(&key.line()));
        return None;
    };
    let name = string(first);
    let default = args.next().map(env_default);
    match (name, default, args.next()) {
        (Some(name), None, None) => named(name, None, errors),
        (Some(name), Some(Some(default)), None) => named(name, Some(default), errors),
        (None, _, _) => {
            errors.at(first, error::env_shape(&key.line()));
            None
        }
        _ => {
            let rest: Punctuated<&Expr, Token![,]> = call.args.iter().skip(1).collect();
            errors.at(rest, error::env_shape(&key.line()));
            None
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
    let text = string(expr);
    if text.is_none() {
        errors.at(expr, error::not_a_string(key));
    }
    text
}

/// Reads `key = path::to::something`.
pub(crate) fn path(key: &Key, errors: &mut Errors) -> Option<Path> {
    match plain(expr(key, errors)?) {
        Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        Expr::Reference(reference) => {
            by_reference(key, reference, errors);
            None
        }
        Expr::Call(call) if call.args.is_empty() => {
            let function = call.func.to_token_stream().to_string();
            errors.at(call, error::call(&function));
            None
        }
        other => {
            errors.at(other, error::shape(key));
            None
        }
    }
}

/// Reads `key`, `key = true` or `key = false`.
pub(crate) fn flag(key: &Key, errors: &mut Errors) -> Option<bool> {
    if let Meta::Path(_) = key.meta {
        return Some(true);
    }
    if let Meta::NameValue(pair) = &key.meta
        && let Expr::Lit(lit) = plain(&pair.value)
        && let Lit::Bool(flag) = &lit.lit
    {
        return Some(flag.value);
    }
    errors.at(key, error::shape(key));
    None
}

/// Returns what is within `key(...)`.
pub(crate) fn list(key: &Key, errors: &mut Errors) -> Option<TokenStream> {
    match &key.meta {
        Meta::List(list) => Some(list.tokens.clone()),
        other => {
            errors.at(other, error::shape(key));
            None
        }
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
        Err(reason) => {
            errors.at(text, error::refused(what, &rule.wrong(&value, &reason)));
            None
        }
    }
}

fn expr<'a>(key: &'a Key, errors: &mut Errors) -> Option<&'a Expr> {
    match &key.meta {
        Meta::NameValue(pair) => Some(&pair.value),
        Meta::Path(path) => {
            errors.at(path, error::no_value(&key.name(), &key.line()));
            None
        }
        Meta::List(list) => {
            errors.at(list, error::shape(key));
            None
        }
    }
}

fn string(expr: &Expr) -> Option<LitStr> {
    match plain(expr) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(text) => Some(text.clone()),
            _ => None,
        },
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
