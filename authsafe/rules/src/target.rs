//! Where a browser goes that is sent to a path.

use crate::wrong::Wrong;

/// Returns what is wrong with a page of the app where a browser that is sent there comes to one of the
/// `endpoints`, each named with its path. Who signs in and lands on the sign-in signs in again, without end.
#[must_use]
pub fn wrong_page<'e>(
    target: &str,
    endpoints: impl IntoIterator<Item = (&'e str, &'e str)>,
) -> Option<Wrong> {
    let path = resolved(target);
    let path = path.trim_end_matches('/');
    let (name, lies) = endpoints.into_iter().find(|(_, lies)| *lies == path)?;
    let end = target.find(['?', '#']).unwrap_or(target.len());
    let because = match target[..end].trim_end_matches('/') == lies {
        true => format!("that is where `{name}` lies"),
        false => format!("it is read as {lies:?}, where `{name}` lies"),
    };
    Some(Wrong::new(target, because, "write a page of the app"))
}

/// Returns the path that a server sees of a browser that is sent to `target`, decoded as routers do.
///
/// A browser reads `\` as `/` and follows `.` and `..`, also where a dot is `%2e` (WHATWG URL, path state). What
/// is percent-encoded besides it passes on, and some routers decode that, but no `%2f`.
#[must_use]
pub fn resolved(target: &str) -> String {
    let end = target.find(['?', '#']).unwrap_or(target.len());
    let path = target[..end].replace('\\', "/");
    let mut segments: Vec<&str> = Vec::new();
    let mut rest = path
        .strip_prefix('/')
        .unwrap_or(&path)
        .split('/')
        .peekable();
    while let Some(segment) = rest.next() {
        let is_last = rest.peek().is_none();
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            dots @ ("." | "..") => {
                if dots == ".." {
                    let _ = segments.pop();
                }
                if is_last {
                    segments.push("");
                }
            }
            _ => segments.push(segment),
        }
    }
    decoded(&format!("/{}", segments.join("/")))
}

/// Decodes what needs no encoding in a path (RFC 3986 §6.2.2.2), once.
fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..2)
            .filter(|it| it.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = code.and_then(|it| u8::from_str_radix(it, 16).ok());
        match byte.filter(|it| it.is_ascii_graphic() && !b"/%".contains(it)) {
            Some(byte) => {
                decoded.push(char::from(byte));
                decoded.push_str(&part[2..]);
            }
            None => {
                decoded.push('%');
                decoded.push_str(part);
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_browsers_and_routers_read_it() {
        for (target, expected) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/b?x=/../y#z", "/a/b"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/%2e%2E/b", "/b"),
            ("/a/.%2e/b", "/b"),
            ("/a/%2e/b", "/a/b"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/b/.", "/a/b/"),
            ("/../../a", "/a"),
            ("/a\\..\\b", "/b"),
            ("/a/...", "/a/..."),
            ("/a//../b", "/a/b"),
            ("/%73ignin", "/signin"),
            ("/a%2fb", "/a%2fb"),
            ("/a%252e", "/a%252e"),
            ("/a%", "/a%"),
            ("/a%zz%4", "/a%zz%4"),
            ("/a%20b", "/a%20b"),
            ("/a%+1", "/a%+1"),
            ("/%C3%A4", "/%C3%A4"),
        ] {
            assert_eq!(resolved(target), expected, "{target}");
        }
    }

    #[test]
    fn a_page_is_not_where_an_endpoint_lies() {
        let wrong = |target| {
            let endpoints = [("signin", "/api/auth/signin"), ("logout", "/api/auth/out")];
            wrong_page(target, endpoints).map(|it| it.to_string())
        };
        for target in [
            "/",
            "/api/auth",
            "/api/auth/signin/x",
            "/api/auth/SIGNIN",
            "/?x=/api/auth/signin",
        ] {
            assert_eq!(wrong(target), None, "{target}");
        }
        let told =
            "cannot be \"/api/auth/out/?x\": that is where `logout` lies; write a page of the app";
        assert_eq!(wrong("/api/auth/out/?x").as_deref(), Some(told));
        for target in [
            "/x/../api/auth/signin",
            "/api/auth/%73ignin",
            "/api/./auth/%2e/signin/",
            "/api\\auth/signin",
        ] {
            let told = wrong(target).unwrap_or_default();
            let expected = "it is read as \"/api/auth/signin\", where `signin` lies";
            assert!(told.contains(expected), "{target}: {told}");
        }
    }
}
