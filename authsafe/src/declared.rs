//! The checks, while the program compiles, that a guard asks for names that there are.

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

const fn position(scopes: &[&str], scope: &str) -> Option<usize> {
    let mut i = 0;
    while i < scopes.len() {
        if distance(scopes[i].as_bytes(), scope.as_bytes()) == 0 {
            return Some(i);
        }
        i += 1;
    }
    None
}

/// The scope fewest edits away, where that is no more than a third of its length.
const fn nearest(scopes: &[&str], scope: &str) -> Option<usize> {
    let mut best = None;
    let mut fewest = usize::MAX;
    let mut i = 0;
    while i < scopes.len() {
        let edits = distance(scopes[i].as_bytes(), scope.as_bytes());
        if edits < fewest && edits * 3 <= scopes[i].len() + 1 {
            fewest = edits;
            best = Some(i);
        }
        i += 1;
    }
    best
}

/// Levenshtein's distance, one row at a time. Texts over 256 bytes are equal or far apart.
const fn distance(a: &[u8], b: &[u8]) -> usize {
    const MAX: usize = 256;
    if a.len() > MAX || b.len() > MAX {
        return if same(a, b) { 0 } else { usize::MAX / 4 };
    }
    let mut row = [0; MAX + 1];
    let mut j = 0;
    while j <= b.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < a.len() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut j = 0;
        while j < b.len() {
            let replaced = diagonal + (a[i] != b[j]) as usize;
            diagonal = row[j + 1];
            row[j + 1] = min(replaced, min(row[j], row[j + 1]) + 1);
            j += 1;
        }
        i += 1;
    }
    row[b.len()]
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
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

    #[test]
    fn distances_are_levenshteins() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b""), 3);
        assert_eq!(distance(b"same", b"same"), 0);
    }
}
