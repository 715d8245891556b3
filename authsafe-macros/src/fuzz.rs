//! Attributes, changed at random as texts: each is expanded to Rust, and none takes the item or its guard away.
//! CONTRIBUTING.md says how to run it for longer.

// One fuzzer for both crates; it is there in the repository alone.
#[cfg(test)]
#[path = "../../authsafe/src/fuzz/harness.rs"]
mod harness;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{File, Item};

use self::harness::Target;
use crate::condition::Kind;
use crate::guard::{Which, guard};
use crate::routes::routes;

/// Most of what keys and conditions are made of.
const WORDS: &[&str] = &[
    "scopes(",
    "\"openid\"",
    "\"admin\"",
    "env(\"A\")",
    "env(\"A\", default = none)",
    "session(max_age = \"8h\")",
    "protect(",
    "public(",
    "\"/a/**\"",
    " => ",
    "auth",
    "all(",
    "any(",
    "not(",
    "scope(\"admin\")",
    "role(\"r\")",
    "policy(owner)",
    "_",
    "always ",
    "landing(",
    "cookies(",
    "domain",
    " = ",
    ",",
    ")",
    "(",
    "none",
    "true",
    "crate::a",
    "self::b",
    "|it| it",
    "\"\"",
    "\"\\u{202e}\"",
    "\"\u{430}dmin\"",
    "5",
    "-1",
    "1e9",
    "'x'",
    "b\"x\"",
    "r#\"x\"#",
    "&&",
    "||",
    "!",
    "#[x]",
    "{",
    "}",
    "[",
    "]",
    "unauthenticated = \"json\"",
    "routes = any",
    "recent(\"5m\")",
    "provider = \"keycloak\"",
    "response_mode",
    "forward(",
    "keep(",
    "claims(roles(\"a.b\"))",
    "fn f() {}",
];

#[test]
fn an_attribute_of_any_text_gives_errors_or_routes_and_the_module() {
    let target = Target {
        name: "routes",
        corpus: include_str!("fuzz/routes.txt"),
        seeds: Vec::new(),
        words: WORDS,
        count: 1_500,
    };
    target.run(|input| {
        let Some(args) = tokens(input) else { return };
        let module = quote!(
            pub mod auth {}
        );
        let file = read(routes(args, module), input);
        let is_there = file.items.iter().any(|item| match item {
            Item::Mod(module) => module.ident == "auth",
            _ => false,
        });
        assert!(is_there, "the module is gone");
    });
}

#[test]
fn a_guard_of_any_text_gives_an_error_or_guards() {
    let target = Target {
        name: "guard",
        corpus: include_str!("fuzz/guard.txt"),
        seeds: Vec::new(),
        words: WORDS,
        count: 3_000,
    };
    let kinds = [
        Which::Names(Kind::Scope),
        Which::Names(Kind::Role),
        Which::Tree,
    ];
    target.run(|input| {
        let Some(args) = tokens(input) else { return };
        for which in kinds {
            let handler = quote!(
                async fn handler() {}
            );
            let file = read(guard(which, args.clone(), handler), input);
            let whole = quote!(#file).to_string();
            let is_refused = file.items.iter().any(|item| matches!(item, Item::Macro(_)));
            let Some(Item::Fn(handler)) = file.items.last() else {
                panic!("the function is gone");
            };
            // Without a guard among its arguments there is an error, so that nobody gets by.
            assert!(
                is_refused || !handler.sig.inputs.is_empty(),
                "it is open: {}",
                whole
            );
        }
    });
}

/// Its tokens, where it is made of any.
fn tokens(input: &[u8]) -> Option<TokenStream> {
    str::from_utf8(input).ok()?.parse().ok()
}

fn read(expanded: TokenStream, input: &[u8]) -> File {
    syn::parse2(expanded).unwrap_or_else(|error| panic!("{error}: {}", harness::shown(input)))
}
