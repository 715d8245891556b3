//! `authorize(name = value, ...)` and `forward("name", ...)`: what goes into the authorization request.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{LitStr, Meta, MetaNameValue};

use crate::error::{self, Errors};
use crate::key::Key;
use crate::keys;
use crate::names::{Kind, names};
use crate::routes::check::setting;
use crate::routes::sentences;
use crate::routes::spec::Setting;
use crate::rule;
use crate::value::{self, checked};
use authsafe_rules::default;

const PARAMETER: Kind = Kind::new("parameter", &rule::PARAMETER);

const USAGE: &str = r#"audience = "https://api.example.com"` or `audience = env("API_AUDIENCE")"#;

/// Returns the parameters that each request has, each once.
pub(super) fn fixed(key: Option<&Key>, errors: &mut Errors) -> Vec<(LitStr, Setting)> {
    let Some((key, tokens)) = key.and_then(|key| Some((key, value::list(key, errors)?))) else {
        return Vec::new();
    };
    if tokens.is_empty() {
        errors.at(key, sentences::PARAMETERS_EMPTY);
    }
    let mut written: Vec<(LitStr, Setting)> = Vec::new();
    for part in keys::split(tokens, errors) {
        let Some((name, value)) = parameter(part, errors) else {
            continue;
        };
        let text = name.value();
        if written.iter().any(|(earlier, _)| earlier.value() == text) {
            errors.at(&name, error::named_twice(PARAMETER.word, &text));
        } else {
            written.push((name, value));
        }
    }
    written
}

fn parameter(part: TokenStream, errors: &mut Errors) -> Option<(LitStr, Setting)> {
    let Ok(pair) = syn::parse2::<MetaNameValue>(part.clone()) else {
        return errors.refuse(part, sentences::PARAMETER_SHAPE);
    };
    let Some(ident) = pair.path.get_ident().cloned() else {
        return errors.refuse(pair.path, sentences::PARAMETER_SHAPE);
    };
    let name = ident.to_string();
    let name = LitStr::new(name.trim_start_matches("r#"), ident.span());
    let meta = Meta::NameValue(pair);
    let is_good = checked(&name, "a parameter", &rule::PARAMETER, errors).is_some();
    let value = setting(
        Some(&Key::new(&meta, USAGE, "authorize({})")),
        &rule::PARAMETER_VALUE,
        errors,
    );
    is_good.then_some((name, value?))
}

/// Returns the parameters that pass from the query of sign-in.
pub(super) fn forwarded(
    key: Option<&Key>,
    fixed: &[(LitStr, Setting)],
    errors: &mut Errors,
) -> Option<Vec<LitStr>> {
    let names = names(key?, PARAMETER, errors)?;
    for name in &names {
        let text = name.value();
        if default::FORWARDED.contains(&text.as_str()) {
            errors.at(name.to_token_stream(), sentences::forwarded_anyway(&text));
        }
        if fixed.iter().any(|(it, _)| it.value() == text) {
            errors.at(
                name.to_token_stream(),
                sentences::fixed_and_forwarded(&text),
            );
        }
    }
    Some(names)
}
