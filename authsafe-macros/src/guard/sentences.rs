//! What the guards, and `#[public]`, say is wrong, and what to write instead.

use crate::condition::{self, Clash, Why};

pub(crate) fn guard_needs_function(guard: &str) -> String {
    format!("`#[{guard}]` guards an async function: a handler or a method")
}

pub(crate) fn guard_needs_body(guard: &str) -> String {
    format!(
        "`#[{guard}]` guards a function with a body; put it on a handler outside of the trait, which calls this method"
    )
}

pub(crate) fn guard_needs_async(guard: &str, name: &str) -> String {
    format!("`#[{guard}]` guards handlers, which are async; write `async fn {name}`")
}

pub(crate) fn guard_empty(guard: &str) -> String {
    let (lacks, example) = match guard {
        "require" | "policy" => (
            "names no condition",
            r#"all(scope("admin"), not(role("guest")))"#,
        ),
        "require_role" => ("names no role", r#""editor""#),
        "require_permission" => ("names no permission", r#""orders:write""#),
        "require_org" => ("names no org", r#""org_2f9c""#),
        "require_recent" => ("does not say how recent", r#"max_age = "5m""#),
        _ => ("names no scope", r#""admin""#),
    };
    format!("`#[{guard}]` {lacks}; write `#[{guard}({example})]`")
}

/// `#[require_auth("admin")]`. `guards`: those that ask for it.
pub(crate) fn auth_args(guards: &str) -> String {
    format!("`#[require_auth]` lets in whoever is signed in, and names nothing; write {guards}")
}

/// A guard for recent sign-ins without its key.
pub(crate) fn recent_empty(age: &str) -> String {
    format!(
        "`#[require_recent]` does not say how recent; write `#[require_recent(max_age = {age:?})]`"
    )
}

/// A module or an `impl` block without a handler.
pub(crate) fn nothing_to_guard(guard: &str) -> String {
    format!("`#[{guard}]` finds no handler here: they are `async fn`")
}

pub(crate) fn guarded_elsewhere(guard: &str, module: &str) -> String {
    format!(
        "`#[{guard}]` cannot see into another file; write `mod {module} {{ ... }}` with its body here"
    )
}

/// Handlers that neither a guard on a module nor `#[protected]` sees. `attribute` is the one that looks.
pub(crate) fn unseen_future(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` sees handlers in `async fn` alone, and `{name}` returns a future; write `async fn {name}`, or `#[public]` above it if everybody may call it"
    )
}

pub(crate) fn unseen_value(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` sees handlers in `async fn` alone, and `{name}` holds a function; write an `async fn`, or `#[public]` above it if everybody may call it"
    )
}

pub(crate) fn unseen_in_trait(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` cannot guard `{name}` of a trait; write an `async fn` outside of the trait, or `#[public]` above it if everybody may call it"
    )
}

/// A guard on the default method of a trait.
pub(crate) fn replaceable(name: &str) -> String {
    format!(
        "an implementation of the trait may replace `{name}`, and then nothing guards it; put the guard on a handler outside of the trait, which calls `{name}`"
    )
}

/// An `async fn` that implements one of a trait, which has no argument for a guard.
pub(crate) fn of_a_trait(guard: &str, name: &str) -> String {
    format!(
        "`#[{guard}]` adds an argument, which `{name}` of a trait cannot have; write `#[public]` above it if it is no handler, as in an extractor, or move its code into a handler outside of the trait"
    )
}

pub(crate) fn unseen_macro(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` cannot see what `{name}!` writes; write the handlers out, or call it outside of this module, or write `#[public]` above it if everybody may call what it writes"
    )
}

pub(crate) fn unseen_import(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` cannot see `{name}`, which stands elsewhere; guard it there and write this `pub use` outside of the module, or `#[public]` above it if everybody may call it"
    )
}

pub(crate) fn unread(attribute: &str) -> String {
    format!("`#[{attribute}]` cannot read this item; write it outside of the module")
}

pub(crate) fn guard_and_public(guard: &str) -> String {
    format!("`#[{guard}]` lets some in and `#[public]` everybody; keep one")
}

/// A guard that nobody passes who passes those above it.
pub(crate) fn guards_clash(clash: &Clash<'_>) -> String {
    match &clash.why {
        Why::Orgs(others) => {
            let any = condition::one_org(others, clash.at);
            format!(
                "nobody passes these guards: a session is of one organization; write one guard, `#[require({any})]`"
            )
        }
        Why::Opposite(opposite) => format!(
            "nobody passes these guards: one above asks for `{opposite}`; remove one of the two"
        ),
        Why::Everybody | Why::Together => {
            "nobody passes these guards: whoever passes those above does not pass this one; remove one"
                .to_owned()
        }
    }
}

pub(crate) fn below_the_document(guard: &str) -> String {
    format!(
        "attributes are read from the top down, and `#[utoipa::path]` would not know of this guard; write `#[{guard}]` above it"
    )
}

pub(crate) const PUBLIC_ARGS: &str = "`#[public]` takes nothing: everybody may pass";
pub(crate) const PUBLIC_NEEDS_FUNCTION: &str = "`#[public]` goes on a function";

pub(crate) const ANSWER_OF_A_POLICY: &str = "a guard with a policy in it answers as the routes say; say it there, or in a second guard without a policy";

/// `routes = crate::auth::SPEC`.
pub(crate) fn routes_module(path: &str) -> String {
    let module = path.rsplit_once("::").map_or(path, |(module, _)| module);
    format!("`routes` names the module that the attribute stands on; write `routes = {module}`")
}

/// `role = "admin"` in a guard. `guard`: the one that asks for it.
pub(crate) fn asks_by_key(guard: &str) -> String {
    format!("what a guard asks for is no key of it; write `{guard}`")
}

/// `#[policy(policy = path)]`.
pub(crate) fn no_policy_of_one(path: &str) -> String {
    format!(
        "what a policy asks for is no other policy; name it in a second guard on the handler, `#[require(policy = {path})]`"
    )
}

/// A guard on a function that puts routes together.
pub(crate) fn builds(guard: &str, name: &str, built: &str) -> String {
    format!(
        "`#[{guard}]` guards handlers, and `{name}` puts a `{built}` together, to which no request comes; put the guard on its handlers, or name their paths in `protect(...)` of the routes"
    )
}

/// `crate::auth` behind a condition.
pub(crate) fn routes_by_key(path: &str) -> String {
    format!("the routes are named by their key; write `routes = {path}`")
}
