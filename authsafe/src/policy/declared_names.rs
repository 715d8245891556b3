//! The checks, while the program compiles, that a guard asks for names that there are.

use authsafe_rules::letters::difference;
use authsafe_rules::spelling::{nearest, position};

use super::buffer::Buffer;
use crate::types::RoutesId;

/// Does not compile where a guard names no routes and none are at `crate::auth`.
#[track_caller]
pub(crate) const fn found(routes: RoutesId) {
    if routes.number() == RoutesId::NONE.number() {
        panic!(
            "there are no routes at `crate::auth`, where a guard looks that names none; write `routes = crate::path::to::module`, the module with `#[authsafe::routes]`"
        );
    }
}

/// Does not compile where `scope` is not among `scopes`, and says which are.
///
/// None at all stand for an attribute that did not compile itself: its error is enough.
#[track_caller]
pub(crate) const fn scope(scopes: &[&str], scope: &str) {
    if scopes.is_empty() || position(scopes, scope).is_some() {
        return;
    }
    let message = Buffer::<4096>::new()
        .fit("no session has the scope `")
        .fit(scope)
        .fit("`: sign-in requests ");
    let message = with_list(message, scopes);
    let message = match nearest(scopes, scope) {
        Some(i) => did_you_mean(message, scopes[i]),
        None => message
            .fit("; add it to `scopes(...)` of the routes, or write `routes = path` where another module declares it"),
    };
    panic!("{}", message.text())
}

/// As [`scope`] for a role, where `roles(...)` says which roles there are.
#[track_caller]
pub(crate) const fn role(roles: &[&str], role: &str) {
    if roles.is_empty() || position(roles, role).is_some() {
        return;
    }
    let message = Buffer::<4096>::new()
        .fit("there is no role `")
        .fit(role)
        .fit("`: `roles` lists ");
    let message = with_list(message, roles);
    if let Some((at, odd)) = look_alike(roles, role) {
        let message = message.fit("; it has ").code_point(odd).fit(" in it");
        panic!("{}", did_you_mean(message, roles[at]).text())
    }
    let message = match nearest(roles, role) {
        Some(i) => did_you_mean(message, roles[i]),
        None => message
            .fit("; add it to `roles(...)` of the routes, or write `routes = path` where another module declares it"),
    };
    panic!("{}", message.text())
}

/// Returns the name that this one looks like, and the letter by which it is another one.
const fn look_alike(names: &[&str], name: &str) -> Option<(usize, char)> {
    let mut i = 0;
    while i < names.len() {
        if let Some(odd) = difference(names[i], name) {
            return Some((i, odd));
        }
        i += 1;
    }
    None
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

    const SCOPES: &[&str] = &["openid", "admin"];
    const ROLES: &[&str] = &["editor", "author"];

    fn refusal(scope: &'static str) -> String {
        let caught = std::panic::catch_unwind(|| super::scope(SCOPES, scope)).unwrap_err();
        caught.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn a_declared_scope_passes() {
        super::scope(SCOPES, "admin");
    }

    #[test]
    fn an_attribute_that_failed_is_not_blamed_twice() {
        super::scope(&[], "admin");
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
        role(ROLES, "editor");
        role(&[], "whoever");
        let caught = std::panic::catch_unwind(|| role(ROLES, "editr")).unwrap_err();
        assert_eq!(
            caught.downcast_ref::<String>().unwrap(),
            "there is no role `editr`: `roles` lists `editor`, `author`; did you mean `editor`?"
        );
    }

    #[test]
    fn a_role_that_looks_like_one_is_told_by_its_letter() {
        let caught =
            std::panic::catch_unwind(|| role(&["oca"], "\u{43e}\u{441}\u{430}")).unwrap_err();
        assert_eq!(
            caught.downcast_ref::<String>().unwrap(),
            "there is no role `оса`: `roles` lists `oca`; it has U+043E in it; did you mean `oca`?"
        );
    }
}
