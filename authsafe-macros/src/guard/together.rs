//! Guards on one handler that together nobody passes.

use proc_macro2::TokenStream;

use crate::condition::{self, Goal};
use crate::error::Errors;
use crate::guard::check::{Guard, Routes};
use crate::guard::handler::Handler;
use crate::guard::{below, expand, sentences};

/// Reports what this guard and those below it ask for that nobody has. What those below ask for that nobody has is
/// reported when the first of them is expanded.
pub(crate) fn check(guard: &Guard, handler: &Handler, errors: &mut Errors) {
    let handlers = expand::handlers(guard, handler);
    let session = session(guard, handlers.as_ref());
    // What a policy asks is written elsewhere.
    let Some(own) = guard.asked.condition() else {
        return;
    };
    let guards: Vec<Guard> = below::guards(&handler.attrs).collect();
    let same = guards
        .iter()
        .filter(|it| self::session(it, handlers.as_ref()) == session);
    let below = same.filter_map(|it| it.asked.condition());
    let below: Vec<Goal<'_>> = below.map(|it| (it, true)).collect();
    if condition::never(&below) {
        return;
    }
    let mut before = vec![(own, true)];
    for goal in below {
        if let Some(clash) = condition::clash(&before, goal) {
            clash.at.report(errors, &sentences::guards_clash(&clash));
            return;
        }
        before.push(goal);
    }
}

/// Returns a text that is the same for two guards only if they ask one session.
fn session(guard: &Guard, handlers: Option<&TokenStream>) -> String {
    let whose = match &guard.routes {
        Routes::Any => None,
        _ => guard.sign_in().or_else(|| handlers.cloned()),
    };
    let written = |it: &TokenStream| it.to_string().split_whitespace().collect::<String>();
    let (whose, default) = (
        whose.as_ref().map(written),
        written(&guard.default_sign_in()),
    );
    match whose {
        Some(whose) if whose == default => "crate::auth::Routes".to_owned(),
        whose => whose.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use crate::condition::Kind;
    use crate::guard::{Which, guard};

    /// What `#[require_role("x")]` says above this.
    fn said(item: TokenStream) -> Vec<String> {
        let expanded = guard(Which::Names(Kind::Role), quote!("x"), item).to_string();
        let sentences = expanded.split("compile_error ! {").skip(1);
        sentences
            .map(|it| it.split(" }").next().unwrap_or_default().replace('\\', ""))
            .collect()
    }

    use super::*;

    #[test]
    fn guards_that_nobody_passes_are_told_once() {
        for (guards, sentence) in [
            (
                quote!(#[require(not(role("x")))]),
                r#" "nobody passes these guards: one above asks for `role("x")`; remove one of the two""#,
            ),
            (
                quote!(#[require(any(role("y"), not(role("x"))))] #[require(not(role("y")))]),
                r#" "nobody passes these guards: whoever passes those above does not pass this one; remove one""#,
            ),
            (
                quote!(#[authsafe::require(any(org("a"), not(role("x"))), routes = crate::auth)] #[require(org("b"))]),
                r#" "nobody passes these guards: a session is of one organization; write one guard, `#[require(any(org("a"), org("b")))]`""#,
            ),
        ] {
            assert_eq!(
                said(quote!(#guards async fn handler() {})),
                [sentence],
                "{guards}"
            );
        }
        for guards in [
            // Told when they are expanded.
            quote!(#[require_org("a")] #[require_org("b")]),
            quote!(#[require(all(role("x"), not(role("x"))))]),
            // Of another session, or of nobody knows which.
            quote!(#[require(not(role("x")), routes = crate::staff)]),
            quote!(#[require(not(role("x")), routes = any)]),
            // Somebody passes.
            quote!(#[require(not(role("y")))] #[require_org("a")] #[require_role("x")]),
            quote!(#[require(policy = owner)]),
        ] {
            assert_eq!(
                said(quote!(#guards async fn handler() {})),
                [""; 0],
                "{guards}"
            );
        }
    }
}
