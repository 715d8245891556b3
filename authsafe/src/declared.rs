//! The checks, while the program compiles, that a guard asks for names that there are.

use authsafe_rules::spelling::{nearest, position};

use crate::policy::Buffer;
use crate::spec::Spec;

/// Does not compile where `scope` is not among the scopes of `spec`, and says which are.
///
/// A spec without scopes stands for an attribute that did not compile itself: its error is enough.
#[track_caller]
pub const fn declared(spec: &Spec, scope: &str) {
    if spec.scopes.is_empty() || position(spec.scopes, scope).is_some() {
        return;
    }
    let message = Buffer::<4096>::new()
        .fit("no session has the scope `")
        .fit(scope)
        .fit("`: sign-in requests ");
    let message = with_list(message, spec.scopes);
    let message = match nearest(spec.scopes, scope) {
        Some(i) => did_you_mean(message, spec.scopes[i]),
        None => message
            .fit("; add it to `scopes(...)` of the routes, or write `routes = path` where another module declares it"),
    };
    panic!("{}", message.text())
}

/// As [`declared`] for a role, where `roles(...)` says which roles there are.
#[track_caller]
pub const fn declared_role(spec: &Spec, role: &str) {
    if spec.roles.is_empty() || position(spec.roles, role).is_some() {
        return;
    }
    let message = Buffer::<4096>::new()
        .fit("there is no role `")
        .fit(role)
        .fit("`: `roles` lists ");
    let message = with_list(message, spec.roles);
    let message = match nearest(spec.roles, role) {
        Some(i) => did_you_mean(message, spec.roles[i]),
        None => message
            .fit("; add it to `roles(...)` of the routes, or write `routes = path` where another module declares it"),
    };
    panic!("{}", message.text())
}

const fn with_list(mut message: Buffer<4096>, names: &[&str]) -> Buffer<4096> {
    let mut i = 0;
    while i < names.len() {
        if i > 0 {
            message = message.fit(", ");
        }
        message = message.fit("`").fit(names[i]).fit("`");
        i += 1;
    }
    message
}

const fn did_you_mean(message: Buffer<4096>, name: &str) -> Buffer<4096> {
    message.fit("; did you mean `").fit(name).fit("`?")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &Spec = &Spec {
        scopes: &["openid", "admin"],
        roles: &["editor", "author"],
        ..Spec::DEFAULT
    };

    fn refusal(scope: &'static str) -> String {
        let caught = std::panic::catch_unwind(|| declared(SPEC, scope)).unwrap_err();
        caught.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn a_declared_scope_passes() {
        declared(SPEC, "admin");
    }

    #[test]
    fn an_attribute_that_failed_is_not_blamed_twice() {
        let failed = &Spec {
            scopes: &[],
            ..Spec::DEFAULT
        };
        declared(failed, "admin");
    }

    #[test]
    fn a_slip_of_the_finger_is_told_the_nearest() {
        assert_eq!(
            refusal("admn"),
            "no session has the scope `admn`: sign-in requests `openid`, `admin`; did you mean `admin`?"
        );
    }

    #[test]
    fn a_stranger_is_told_where_to_declare_it() {
        assert!(refusal("billing").ends_with("where another module declares it"));
    }

    #[test]
    fn a_role_is_compared_where_the_routes_list_them() {
        declared_role(SPEC, "editor");
        declared_role(&Spec::DEFAULT, "whoever");
        let caught = std::panic::catch_unwind(|| declared_role(SPEC, "editr")).unwrap_err();
        assert_eq!(
            caught.downcast_ref::<String>().unwrap(),
            "there is no role `editr`: `roles` lists `editor`, `author`; did you mean `editor`?"
        );
    }
}
