//! `#[authsafe::routes(...)]`: what was written, what is wrong with it, what it means, what comes out.

mod args;
mod arrow;
mod by_name;
mod check;
mod cross_origin;
mod expand;
mod fallback;
mod landing;
mod module;
mod parameters;
mod path_rules;
mod presets;
mod sentences;
mod spec;
mod together;
mod variables;

use proc_macro2::TokenStream;

use crate::error::Errors;
use crate::feature;
pub(crate) use args::lists;
pub(crate) use module::{NAMES, head};
pub(crate) use sentences::secret_literal;

pub(crate) fn routes(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    feature::framework("authsafe::routes", &mut errors);
    let module = module::parse(item, &mut errors);
    let spec = check::check(args::parse(args, &mut errors), &mut errors);
    let item = match module {
        Ok(module) if errors.count() == 0 => expand::expand(module, &spec),
        Ok(module) => fallback::expand(module, &spec),
        Err(item) => item,
    };
    errors.before(item)
}

/// Counts the mistakes in an attribute that has these keys, and beside them what some need.
pub(crate) fn mistakes(keys: &str) -> usize {
    const BESIDE: [&str; 3] = [
        r#"scopes("openid", "offline_access")"#,
        r#"paths(session = "session")"#,
        r#"shared_state(redis = env("REDIS_URL"))"#,
    ];
    let key = |line: &str| line.split(['(', ' ']).next().map(str::to_owned);
    let beside = BESIDE.into_iter().filter(|line| key(line) != key(keys));
    let all: Vec<&str> = beside.chain([keys]).collect();
    let Ok(args) = all.join(", ").parse() else {
        return usize::MAX;
    };
    let mut errors = Errors::default();
    let _ = check::check(args::parse(args, &mut errors), &mut errors);
    errors.count()
}
