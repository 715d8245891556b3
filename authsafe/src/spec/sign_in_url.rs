//! Where a link to sign in leads.

use super::spec::SpecParts;
use crate::types::{Location, ReturnTo};

/// Returns where a sign-in starts that comes back to a path of the app. What is no local path is left out.
#[must_use]
pub(crate) fn sign_in_url(spec: &SpecParts, return_to: &str) -> String {
    let sign_in = format!("{}/{}", spec.base_path, spec.paths.signin);
    // No URL is of the origin that is none.
    let return_to = ReturnTo::asked_for(return_to, "").ok();
    let pair = return_to.as_ref().map(|it| ("returnTo", it.as_str()));
    let url = Location::of_app(&sign_in).with_query(pair.as_slice());
    url.as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_sign_in_comes_back_to_a_path_of_the_app_alone() {
        let url = |return_to| sign_in_url(&SpecParts::DEFAULT, return_to);
        assert_eq!(url("/"), "/api/auth/signin?returnTo=%2F");
        let to = "/orders?a=1&b=%20c#top";
        let expected = "/api/auth/signin?returnTo=%2Forders%3Fa%3D1%26b%3D%2520c%23top";
        assert_eq!(url(to), expected);
        let encoded = "/api/auth/signin?returnTo=%2Fk%25C3%25A4se%2520brot";
        assert_eq!(url("/käse brot"), encoded);
        for elsewhere in [
            "",
            "orders",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
        ] {
            assert_eq!(url(elsewhere), "/api/auth/signin", "{elsewhere:?}");
        }
    }
}
