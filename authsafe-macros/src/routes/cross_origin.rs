//! `cross_origin = allow("https://admin.example.com")`, `cross_origin = unchecked`: whose pages may ask to
//! change something.

use quote::ToTokens;
use syn::{Expr, ExprCall, Meta};

use crate::error::{self, Errors};
use crate::key::Key;
use crate::routes::sentences;
use crate::routes::spec::{CrossOrigin, Setting};
use crate::rule;
use crate::value::{self, checked, plain};
use authsafe_rules::origin;

const USAGE: &str = r#"cross_origin = allow("https://admin.example.com")"#;

/// Reads the key. `app_url` needs no leave.
pub(super) fn read(
    key: Option<&Key>,
    app_url: Option<&Setting>,
    errors: &mut Errors,
) -> Option<CrossOrigin> {
    let key = key?;
    let Meta::NameValue(pair) = &key.meta else {
        return errors.refuse(key, error::shape(key));
    };
    match plain(&pair.value) {
        Expr::Path(word) if word.path.is_ident("unchecked") => Some(CrossOrigin::Unchecked),
        Expr::Call(call) if call.func.to_token_stream().to_string() == "allow" => {
            allowed(call, app_url, errors).map(CrossOrigin::Allow)
        }
        other => errors.refuse(other, error::shape(key)),
    }
}

fn allowed(
    call: &ExprCall,
    app_url: Option<&Setting>,
    errors: &mut Errors,
) -> Option<Vec<Setting>> {
    if call.args.is_empty() {
        return errors.refuse(call, sentences::ORIGINS_EMPTY);
    }
    let own = app_url.and_then(Setting::text).map(syn::LitStr::value);
    let mut named: Vec<String> = Vec::new();
    let mut origins = Vec::new();
    for arg in &call.args {
        let Some(setting) = setting(arg, errors) else {
            continue;
        };
        if let Setting::Literal(text) = &setting {
            let value = text.value();
            let is = |other: &String| origin::are_one(other, &value);
            if own.as_ref().is_some_and(is) {
                errors.at(text, sentences::OWN_ORIGIN);
            }
            let wrong = match app_url {
                Some(Setting::Literal(own)) => origin::wrong_beside(&text.value(), &own.value()),
                _ => None,
            };
            if let Some(wrong) = wrong {
                errors.at(text, error::refused("an origin", &wrong));
            }
            if named.iter().any(is) {
                errors.at(text, error::named_twice("origin", &text.value()));
            }
            named.push(value);
        }
        origins.push(setting);
    }
    Some(origins)
}

/// Reads one origin: a string, or `env(...)`.
fn setting(arg: &Expr, errors: &mut Errors) -> Option<Setting> {
    let meta = Meta::NameValue(syn::MetaNameValue {
        path: syn::parse_quote!(cross_origin),
        eq_token: syn::token::Eq::default(),
        value: arg.clone(),
    });
    let setting = match value::value(&Key::new(&meta, USAGE, "{}"), errors)? {
        value::Value::None(word) => {
            return errors.refuse(word, sentences::ORIGIN_NONE);
        }
        other => Setting::of(other)?,
    };
    if let Some(text) = setting.text() {
        checked(text, "an origin", &rule::ORIGIN, errors)?;
    }
    Some(setting)
}
