//! Whatever stands in an attribute, a message is of ours, and none of the parser's.

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::pinned::expand;

/// Each form that a key, a rule and a condition have.
const ATTRIBUTES: [&str; 6] = [
    r#"#[routes(
        domain = "https://id.example.com",
        client_id = env("ID", default = "shop"),
        client_secret = none,
        app_url = deployment::app_url,
        paths(signin = "in", session = "me"),
        scopes("openid", "offline_access"),
        provider("keycloak", timeout = "10s"),
        authorize(prompt = "login"),
        landing(always all(role("a"), scope("openid")) => "/a", _ => "/"),
        logout = "local",
        revoke_at_logout = false,
        claims(roles("a", "b.c"), email = "mail"),
        session(max_age = "8h", auto_refresh, grace = none, keep(id_token = false), store = store::open),
        cross_origin = allow("https://admin.example.com", env("OTHER")),
        tenants = any,
        protect("/a/**" => any(role("a"), not(recent("5m"))), "/b" => auth),
        public("/a/b"),
        unauthenticated = "json",
        on_event = audit::log,
        crate = sign_in,
    )]"#,
    r#"#[require_scope(all("a", any("b", "c")), routes = web::auth, unauthenticated = "json", crate = sign_in)]"#,
    r#"#[require(any(role("a"), not(org("o")), recent("5m"), policy(own::er)), routes = any)]"#,
    "#[require(policy = own::er)]",
    r#"#[require_recent(max_age = "5m", routes = web::auth)]"#,
    r#"#[policy(all(role("a"), permission("b")), routes = web::auth)]"#,
];

const GARBAGE: [&str; 7] = ["*", "fn", "{}", "=>", "|x| x", "'a'", ".."];

/// Words of `syn`, and of what stands on it, for what cannot be read.
const THEIRS: [&str; 12] = [
    "expected identifier",
    "expected expression",
    "expected literal",
    "expected string literal",
    "expected parentheses",
    "expected square brackets",
    "expected curly braces",
    "expected one of",
    "unexpected",
    "Unexpected",
    "unsupported",
    "Unknown",
];

/// The stream with garbage in the place of each token, and before it, at any depth.
fn spoilt(tokens: &TokenStream, garbage: &TokenStream) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut spoilt = Vec::new();
    for at in 0..trees.len() {
        let with = |middle: TokenStream| -> TokenStream {
            let before = trees[..at].iter().cloned();
            before
                .chain(middle)
                .chain(trees[at + 1..].iter().cloned())
                .collect()
        };
        spoilt.push(with(garbage.clone()));
        let beside = garbage.clone().into_iter().chain([trees[at].clone()]);
        spoilt.push(with(beside.collect()));
        if let TokenTree::Group(group) = &trees[at] {
            for inner in self::spoilt(&group.stream(), garbage) {
                let group = Group::new(group.delimiter(), inner);
                spoilt.push(with(TokenTree::Group(group).into()));
            }
        }
    }
    spoilt
}

#[test]
fn what_cannot_be_read_is_told_in_our_own_words() {
    for attribute in ATTRIBUTES {
        let (name, args) = attribute.split_once('(').unwrap();
        let args: TokenStream = args.trim_end_matches(")]").parse().unwrap();
        for garbage in GARBAGE {
            for args in spoilt(&args, &garbage.parse().unwrap()) {
                let text = args.to_string();
                for sentence in expand(name.trim_start_matches("#["), args) {
                    let theirs = THEIRS.iter().find(|it| sentence.contains(**it));
                    assert!(theirs.is_none(), "{sentence}\n{text}");
                }
            }
        }
    }
}
