//! The tables that the macro's rules run, run by the constructors: the two agree.

use crate::path_rules::Pattern;
use crate::protocol::forwarded::Network;
use crate::types::{AppUrl, Issuer, ReturnTo, audience, cookie_domain, is_scope_token, web_url};

/// What the runtime says, where it has a say.
fn accepts(rule: &str, input: &str) -> Option<bool> {
    Some(match rule {
        "scope" => is_scope_token(input),
        "app_url" => AppUrl::parse(input).is_ok(),
        "domain" => Issuer::parse(input).is_ok(),
        "endpoint_url" => web_url(input).is_ok(),
        "local_target" => ReturnTo::parse(input).is_ok(),
        "audience" => audience(input).is_ok(),
        "cookie_domain" => cookie_domain(input).is_ok(),
        "network" => Network::parse(input).is_ok(),
        "path_pattern" => Pattern::parse(input.to_owned().leak()).is_ok(),
        _ => return None,
    })
}

#[test]
fn what_compiles_starts_and_what_would_not_start_does_not_compile() {
    let tables = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/verdicts");
    let mut differ = Vec::new();
    let mut lines = 0;
    for table in std::fs::read_dir(tables).unwrap() {
        let path = table.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let (rule, rest) = line.split_once(" | ").unwrap();
            let (input, expected) = rest.rsplit_once(" | ").unwrap();
            let input: String = serde_json::from_str(input).unwrap();
            let Some(accepted) = accepts(rule, &input) else {
                continue;
            };
            lines += 1;
            if accepted != (expected == "ok") {
                differ.push(line.to_owned());
            }
        }
    }
    assert!(lines > 80, "only {lines} lines");
    assert!(differ.is_empty(), "{differ:#?}");
}
