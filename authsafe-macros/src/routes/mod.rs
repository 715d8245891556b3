//! `#[authsafe::routes(...)]`: what was written, what is wrong with it, what it means, what comes out.

mod args;
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

use proc_macro2::TokenStream;

use crate::error::Errors;
use crate::feature;
pub(crate) use module::head;

pub(crate) fn routes(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    feature::framework("authsafe::routes", &mut errors);
    let module = module::parse(item, &mut errors);
    let spec = check::check(args::parse(args, &mut errors), &mut errors);
    match (module, errors.finish()) {
        (Ok(module), None) => expand::expand(module, &spec),
        (Ok(module), Some(errors)) => fallback::expand(module, &spec, &errors),
        (Err(item), errors) => fallback::without_module(item, errors.as_ref()),
    }
}
