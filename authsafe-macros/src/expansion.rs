//! What comes out, looked at as a whole: readable, without decisions, and something for any input.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, Meta};

use crate::condition::Kind;
use crate::guard::{Which, guard};
use crate::policy::policy;
use crate::routes::routes;

/// Every key, most kinds of value.
const EVERYTHING: &str = r#"
    domain = "https://id.example.com",
    client_id = env("ID", default = "abc"),
    client_secret = env("SECRET", default = none),
    client_auth = "basic",
    cookie_secret = secrets::cookie,
    app_url = ::deployment::app_url,
    ca_file = env("CA_FILE"),
    base_path = "/app/auth",
    paths(signin = "in", callback = "back", logout = "out", refresh = "again", session = "who", signed_out = "gone", backchannel_logout = "ended"),
    scopes("openid", "offline_access", "admin"),
    roles("editor"),
    landing(
        always scope("admin") => "/admin",
        all(scope("openid"), any(role("editor"), scope("offline_access"))) => "/edit",
        _ => "/",
    ),
    tenants("11111111-2222-3333-4444-555555555555"),
    provider(timeout = "10s", leeway = "2m"),
    authorize(audience = env("API"), access_type = "offline", prompt = "consent", resource = self::resource),
    response_mode = "form_post",
    forward("organization", "kc_idp_hint"),
    after_logout = "/bye",
    keep_post = "16KB",
    pages(error = "/oops", expired = "/welcome-back", sign_in = "/login"),
    logout(return_parameter = "logout_uri"),
    clear_site_data("cache", "storage"),
    revoke_at_logout = false,
    endpoints(issuer = "https://id.example.com", token = env("TOKEN_URL"), jwks = self::jwks, authsafe),
    algorithms("ES256", "EdDSA"),
    userinfo = "always",
    claims(roles("realm_access.roles", "groups"), permissions = "rights", organization = "tid", name = "nick", email = "mail"),
    keep("department", "tid"),
    session(max_age = "8h", idle = "30m", transaction = "5m", auto_refresh, grace = none, keep(id_token = false, access_token), store = sessions::open),
    cross_origin = allow("https://admin.example.com", env("OWN_ORIGIN")),
    cookies(name = "me", same_site = "none", secure, domain = env("DOMAIN"), path = "/app"),
    rate_limit(signin = "20/minute", callback = "5/second", session = "60/minute"),
    trusted_proxies("10.0.0.0/8", "2001:db8::/32", "192.0.2.1"),
    shared_state(redis = env("REDIS_URL", default = none), prefix = "me:", fail_closed),
    protect("/app/admin/**" => all(scope("admin"), not(role("editor"))), "/app/me/*" => auth),
    public("/app/admin/health", "/app/me/help"),
    unauthenticated = pages::signed_out,
    on_event = audit::log,
    on_error = crate::pages::error,
"#;

/// The same, where a provider is known by name.
const BY_NAME: &str = r#"
    provider("google", timeout = "10s", leeway = "2m"),
    scopes("openid", "admin"),
    authorize(prompt = "consent"),
    forward("login_hint_token"),
    claims(roles = "groups"),
    protect("/admin/**" => role("admin")),
"#;

const SCOPE: Which = Which::Names(Kind::Scope);

const GUARDS: &[(Which, &str)] = &[
    (SCOPE, r#""admin""#),
    (SCOPE, r#"all("admin", "openid")"#),
    (
        SCOPE,
        r#"any("admin", all("openid", "a.scope.with.more.than.thirty.two.characters"))"#,
    ),
    (SCOPE, r#""admin", routes = any"#),
    (SCOPE, r#""admin", routes = web::auth, crate = sign_in"#),
    (Which::Auth, "crate = sign_in"),
    (Which::Auth, r#"unauthenticated = "json""#),
    (Which::Auth, "routes = web::auth"),
    (Which::Auth, r#"routes = any, unauthenticated = "json""#),
    (Which::Names(Kind::Role), r#"any("editor", "author")"#),
    (Which::Names(Kind::Permission), r#""orders:write""#),
    (Which::Names(Kind::Org), r#"any("org_1", "org_2")"#),
    (Which::Recent, r#"max_age = "5m", crate = sign_in"#),
    (Which::Recent, r#"max_age = "5m", routes = web::auth"#),
    (
        Which::Tree,
        r#"all(scope("a"), any(role("x"), not(scope("y")), permission("p"), org("o")))"#,
    ),
    (
        Which::Tree,
        r#"any(recent("5m"), all(role("x"), not(recent("1h"))))"#,
    ),
    (Which::Tree, "policy = documents::owner, crate = sign_in"),
];

/// What a policy may have for a condition: of a function, and of a struct.
const POLICIES: &[&str] = &["", "crate = sign_in", "routes = web::auth"];
const NAMED: &[&str] = &[
    r#"scope("a")"#,
    r#"all(role("x"), recent("5m")), routes = web::auth, crate = sign_in"#,
];

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap()
}

fn expand_routes(args: &str) -> TokenStream {
    routes(
        tokens(args),
        quote!(
            pub mod auth {}
        ),
    )
}

fn expand_guard((which, args): &(Which, &str)) -> TokenStream {
    guard(
        *which,
        tokens(args),
        quote!(
            async fn handler() {}
        ),
    )
}

fn expand_policy(args: TokenStream) -> TokenStream {
    policy(
        args,
        quote!(
            async fn owner(session: &::a::Session, request: &::a::Parts) -> bool {}
        ),
    )
}

fn expand_named(args: TokenStream) -> TokenStream {
    policy(
        args,
        quote!(
            struct Owner;
        ),
    )
}

fn everything() -> Vec<TokenStream> {
    let guards = GUARDS.iter().map(expand_guard);
    let routes = ["", EVERYTHING, BY_NAME].map(expand_routes);
    let policies = POLICIES.iter().chain(NAMED);
    let policies = policies.map(|args| expand_policy(tokens(args)));
    let named = NAMED.iter().map(|args| expand_named(tokens(args)));
    let guards = guards.chain(policies).chain(named);
    routes.into_iter().chain(guards).collect()
}

// Decisions.

struct Decisions(Vec<String>);

impl<'ast> Visit<'ast> for Decisions {
    fn visit_expr(&mut self, expr: &'ast syn::Expr) {
        use syn::Expr;

        let call_or_value = matches!(
            expr,
            Expr::Call(_)
                | Expr::Path(_)
                | Expr::Lit(_)
                | Expr::Reference(_)
                | Expr::Struct(_)
                | Expr::Array(_)
                | Expr::Tuple(_)
                | Expr::Await(_)
                | Expr::Block(_)
                | Expr::Macro(_)
        );
        if !call_or_value {
            self.0.push(expr.to_token_stream().to_string());
        }
        visit::visit_expr(self, expr);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let mac = mac.to_token_stream().to_string();
        let is_place = ["module_path", "line", "column"]
            .iter()
            .any(|place| mac == format!(":: core :: {place} ! ()"));
        if !is_place {
            self.0.push(mac);
        }
    }
}

#[test]
fn generated_code_calls_and_decides_nothing() {
    for expansion in everything() {
        let file: File = syn::parse2(expansion).unwrap();
        let mut decisions = Decisions(Vec::new());
        decisions.visit_file(&file);
        assert!(decisions.0.is_empty(), "{:#?}", decisions.0);
    }
}

// Paths.

/// The paths that lead elsewhere than to the `__private` of the runtime, `core` or `std`.
#[derive(Default)]
struct Elsewhere(Vec<String>);

impl Elsewhere {
    fn path(&mut self, is_absolute: bool, names: &[String], path: &impl ToTokens) {
        let [first, rest @ ..] = names else {
            return;
        };
        let is_known = match (is_absolute, first.as_str()) {
            (true, "core" | "std") => true,
            (true, "authsafe" | "sign_in") => rest.first().is_some_and(|it| it == "__private"),
            (true, first) => THEIRS_ABSOLUTE.contains(&first),
            (false, first) => OWN.contains(&first) || THEIRS.contains(&first),
        };
        if !is_known {
            self.0.push(path.to_token_stream().to_string());
        }
    }
}

/// What the expansion declares itself, and the primitive types.
const OWN: &[&str] = &[
    "SPEC",
    "Routes",
    "lookup",
    "return_to",
    "Owner",
    "session",
    "request",
    "str",
    "bool",
    // Where a signature is checked.
    "It",
    "How",
    "given",
    "it",
    "Function",
    "asked",
    // The routes at `crate::auth`, where there are any.
    "auth",
];

/// The paths that the users of these tests have written.
const THEIRS: [&str; 6] = ["crate", "super", "web", "documents", "owner", "Answer"];
const THEIRS_ABSOLUTE: [&str; 2] = ["deployment", "a"];

impl<'ast> Visit<'ast> for Elsewhere {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|it| it.ident.to_string());
        let names: Vec<_> = names.collect();
        self.path(path.leading_colon.is_some(), &names, path);
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let (mut names, mut tree) = (Vec::new(), &item.tree);
        while let syn::UseTree::Path(path) = tree {
            names.push(path.ident.to_string());
            tree = &path.tree;
        }
        self.path(item.leading_colon.is_some(), &names, item);
    }

    /// Those of the language and its lints are relative; ours are not.
    fn visit_attribute(&mut self, attr: &'ast Attribute) {
        if attr.path().segments.len() > 1 {
            self.visit_path(attr.path());
        }
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

/// Modules whose handlers are looked for.
fn modules() -> [TokenStream; 2] {
    let module = || {
        quote!(
            mod handlers {
                #[public]
                pub async fn health() {}
                async fn order() {}
                pub fn other() -> Answer {}
            }
        )
    };
    [
        guard(SCOPE, tokens(r#""admin""#), module()),
        crate::protected::protected(TokenStream::new(), module()),
    ]
}

#[test]
fn generated_code_names_private_alone() {
    for expansion in everything().into_iter().chain(modules()) {
        let file: File = syn::parse2(expansion).unwrap();
        let mut elsewhere = Elsewhere::default();
        elsewhere.visit_file(&file);
        assert!(elsewhere.0.is_empty(), "{:#?}", elsewhere.0);
    }
}

// The README.

/// The first Rust example, its attributes expanded.
fn readme() -> String {
    let readme = include_str!("../../README.md");
    let example = readme.split("```rust").nth(1).unwrap();
    let example = example.split_once('\n').unwrap().1;
    let example = example.split("```").next().unwrap();
    let mut expanded = TokenStream::new();
    for mut item in syn::parse_file(example).unwrap().items {
        expanded.extend(match taken(&mut item) {
            Some((name, args)) if name == "routes" => routes(args, quote!(#item)),
            Some((_, args)) => guard(SCOPE, args, quote!(#item)),
            None => quote!(#item),
        });
    }
    prettyplease::unparse(&syn::parse2(expanded).unwrap())
}

/// Takes one of our attributes off an item.
fn taken(item: &mut Item) -> Option<(String, TokenStream)> {
    let attrs = match item {
        Item::Mod(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        _ => return None,
    };
    let name = |attr: &Attribute| attr.path().segments.last().unwrap().ident.to_string();
    let ours = |attr: &Attribute| ["routes", "require_scope"].contains(&name(attr).as_str());
    let attr = attrs.remove(attrs.iter().position(ours)?);
    let args = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    Some((name(&attr), args))
}

#[test]
fn the_readme_expands_to_what_is_kept_and_can_be_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/readme.rs");
    let expanded = readme();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &expanded).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        expanded == kept,
        "the expansion changed; look at it, then keep it with UPDATE_GOLDEN=1:\n{expanded}"
    );
    assert!(expanded.lines().count() < 150);
}

// The reference.

#[test]
fn each_key_has_a_place_in_the_reference_with_an_example_that_is_taken() {
    let table = include_str!("../docs/routes.md");
    let (_, table) = table
        .split_once("\n| key | value | default |\n|---|---|---|\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let name = |text: &str| text.split(['`', '(']).nth(1).unwrap().to_owned();
    let keys: Vec<String> = rows.map(name).collect();
    assert!(keys.len() > 35, "{keys:?}");

    let reference = include_str!("../docs/keys.md");
    let mut places = Vec::new();
    for place in reference.split("\n## ").skip(1) {
        let key = name(place);
        let line = |begin: &str| {
            let mut lines = place.lines().filter_map(|line| line.strip_prefix(begin));
            let line = lines
                .next()
                .unwrap_or_else(|| panic!("`{key}` lacks `{begin}`"));
            assert!(lines.next().is_none(), "{key}");
            line
        };
        assert!(place.contains("Needed "), "{key}");
        assert!(!line("Default: ").is_empty());
        let example = line("Example: ").trim_matches('`');
        assert!(example.starts_with(&key) || key == "public", "{example}");
        let expanded = routes(
            example.parse().unwrap(),
            quote!(
                pub mod auth {}
            ),
        )
        .to_string();
        assert!(!expanded.contains("compile_error"), "{example}: {expanded}");
        places.push(key);
    }
    assert_eq!(places, keys);
}

// Any input.

/// The stream with one token dropped or doubled, for each token at any depth.
fn mutants(tokens: &TokenStream) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut mutants = Vec::new();
    for at in 0..trees.len() {
        let (before, after) = (&trees[..at], &trees[at + 1..]);
        let tree = &trees[at];
        let with = |middle: &[TokenTree]| -> TokenStream {
            [before, middle, after].concat().into_iter().collect()
        };
        mutants.push(with(&[]));
        mutants.push(with(&[tree.clone(), tree.clone()]));
        if let TokenTree::Group(group) = tree {
            for inner in self::mutants(&group.stream()) {
                mutants.push(with(&[Group::new(group.delimiter(), inner).into()]));
            }
        }
    }
    mutants
}

#[test]
fn any_attribute_gives_errors_and_the_module() {
    let by_name = mutants(&tokens(BY_NAME));
    for args in mutants(&tokens(EVERYTHING)).into_iter().chain(by_name) {
        let text = args.to_string();
        let expanded = routes(
            args,
            quote!(
                pub mod auth {}
            ),
        );
        let file: File = syn::parse2(expanded).unwrap_or_else(|error| panic!("{error}: {text}"));
        let module = file.items.iter().find_map(|item| match item {
            Item::Mod(module) => module.content.as_ref(),
            _ => None,
        });
        assert_eq!(module.map(|(_, items)| items.len()), Some(9), "{text}");
    }
}

#[test]
fn any_guard_gives_errors_and_the_function() {
    let mutants = |(which, args): &(Which, &str)| {
        let mutants = mutants(&tokens(args)).into_iter();
        mutants.map(|args| (*which, args)).collect::<Vec<_>>()
    };
    for (which, args) in GUARDS.iter().flat_map(mutants) {
        let text = args.to_string();
        let expanded = guard(
            which,
            args,
            quote!(
                async fn handler() {}
            ),
        );
        let file: File = syn::parse2(expanded).unwrap_or_else(|error| panic!("{error}: {text}"));
        let refused = file.items.iter().any(|item| matches!(item, Item::Macro(_)));
        let Some(Item::Fn(handler)) = file.items.last() else {
            panic!("no function: {text}");
        };
        let first = handler
            .sig
            .inputs
            .first()
            .map(quote::ToTokens::to_token_stream);
        let guarded = first.is_some_and(|first| {
            let first = first.to_string();
            first.contains("Guard") || first.contains("Authorized")
        });
        assert!(refused != guarded, "{text}");
    }
}

#[test]
fn any_policy_gives_errors_or_one_that_is_asked() {
    for (of_function, args) in POLICIES
        .iter()
        .chain(NAMED)
        .map(|args| (true, args))
        .chain(NAMED.iter().map(|args| (false, args)))
    {
        for args in mutants(&tokens(args)) {
            let text = args.to_string();
            let expanded = if of_function {
                expand_policy(args)
            } else {
                expand_named(args)
            };
            let file: File = syn::parse2(expanded).unwrap();
            let refused = file.items.iter().any(|item| matches!(item, Item::Macro(_)));
            let policies = file.items.iter().filter_map(|item| match item {
                Item::Impl(it) => Some(it),
                _ => None,
            });
            let policies: Vec<_> = policies.collect();
            // Who names it shall not be told again.
            assert_eq!(policies.len(), 1, "{text}");
            let asked = policies[0]
                .items
                .iter()
                .any(|it| matches!(it, syn::ImplItem::Fn(_)));
            assert!(refused || asked == of_function, "{text}");
        }
    }
}

#[test]
fn a_policy_is_no_handler() {
    let module = quote!(
        mod handlers {
            #[authsafe::policy]
            pub async fn owner(_: &Session, _: &Parts) -> bool {}
            pub async fn handler() {}
        }
    );
    let guarded = guard(SCOPE, tokens(r#""admin""#), module.clone()).to_string();
    assert_eq!(guarded.matches("require_scope").count(), 1, "{guarded}");
    let told = crate::protected::protected(TokenStream::new(), module).to_string();
    assert!(
        told.contains("`handler`") && !told.contains("`owner`"),
        "{told}"
    );
}

#[test]
fn guards_stand_in_the_order_in_which_they_are_written() {
    let above = guard(
        Which::Auth,
        TokenStream::new(),
        quote!(
            async fn handler(self, rest: u8) {}
        ),
    );
    let below = guard(Which::Recent, tokens(r#"max_age = "5m""#), above);
    let handler: syn::ItemFn = syn::parse2(below).unwrap();
    let inputs: Vec<_> = handler.sig.inputs.iter().collect();
    let texts = inputs.iter().map(|it| it.to_token_stream().to_string());
    let has = ["self", "SignedIn", "Recent", "rest"];
    for (text, has) in texts.zip(has) {
        assert!(text.contains(has), "{text}");
    }
}

#[test]
fn a_guard_on_a_block_goes_onto_each_handler_that_has_none() {
    let guarded = |item| guard(SCOPE, tokens(r#""admin""#), item).to_string();
    let module = guarded(quote!(
        mod handlers {
            pub async fn one() {}
            pub(crate) async fn two() {}
            async fn served_by_a_router_in_here() {}
            pub fn sync() {}
            #[public]
            pub async fn health() {}
            #[require_role("owner")]
            pub async fn other() {}
            mod inner {
                impl Shop {
                    pub async fn three(&self) {}
                }
            }
        }
    ));
    assert_eq!(module.matches("require_scope").count(), 4, "{module}");
    let settled = guarded(quote!(
        mod handlers {
            #[require_role("owner")]
            impl Shop {
                pub async fn order(&self) {}
            }
        }
    ));
    assert_eq!(settled.matches("require_scope").count(), 0, "{settled}");
    let block = guarded(quote!(
        impl Shop {
            pub async fn order(&self) {}
            pub async fn pay(&self) {}
        }
    ));
    assert_eq!(block.matches("require_scope").count(), 2, "{block}");
    for refused in [
        quote!(
            mod elsewhere;
        ),
        quote!(
            mod empty {}
        ),
        quote!(impl Handler for Shop {}),
    ] {
        assert!(guarded(refused).contains("compile_error"));
    }
}
