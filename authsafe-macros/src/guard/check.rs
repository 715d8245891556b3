//! From what was written to what it means.

use syn::Path;

use crate::error::Errors;
use crate::guard::args::{Asked, GuardArgs};
use crate::krate;
use crate::unauthenticated;
use crate::value;

pub(crate) struct Guard {
    pub(crate) asked: Asked,
    pub(crate) routes: Routes,
    /// What it answers who is signed out, where it says so itself.
    pub(crate) unauthenticated: Option<&'static str>,
    pub(crate) krate: Path,
}

/// Which routes declare the scopes and roles.
pub(crate) enum Routes {
    /// `crate::auth`.
    Default,
    /// `routes = path`.
    At(Path),
    /// `routes = any`: whichever the app has.
    Any,
}

pub(crate) fn check(args: GuardArgs, errors: &mut Errors) -> Option<Guard> {
    let before = errors.count();
    if let Asked::Condition(condition) = &args.asked {
        condition.check(errors);
    }
    let routes = match args.routes.as_ref() {
        None => Routes::Default,
        Some(meta) => match value::path(meta, errors)? {
            path if path.is_ident("any") => Routes::Any,
            path => Routes::At(path),
        },
    };
    let unauthenticated = args
        .unauthenticated
        .and_then(|meta| unauthenticated::of_guard(&meta, errors));
    let krate = krate::path(args.krate.as_ref(), errors);
    (errors.count() == before).then_some(Guard {
        asked: args.asked,
        routes,
        unauthenticated,
        krate,
    })
}
