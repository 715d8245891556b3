//! `protect(...)` and `public(...)`: who gets to a path, however it is written and whatever serves it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use authsafe::__private::{Protect, SpecParts, parts, spec};
use authsafe::{Policy, Session, Spec, require_scope};
use authsafe_tests::peers::{Peer, Setup, Tale, alike_in};
use authsafe_tests::{Answer, Stage, auth};
use axum::Router;
use axum::routing::{any, get};
use http::{Method, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use tower::{ServiceBuilder, ServiceExt as _};

mod rules {
    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        protect(
            "/open" => scope("admin"),
            "/admin/**" => auth,
            "/vault/**" => scope("admin"),
        ),
        public("/vault/lobby", "/vault/assets/**"),
    )]
    pub(super) mod auth {}
}

mod segments {
    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        protect("/users/*/edit" => scope("admin"), "/*/admin/vault/**" => scope("admin")),
    )]
    pub(super) mod auth {}
}

mod mounts {
    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        protect(
            "/files/admin/**" => scope("admin"),
            "/bff/admin/**" => scope("admin"),
            "/bff/desk/**" => scope("admin"),
            "/bff/**" => auth,
        ),
        public("/bff/*/avatar"),
    )]
    pub(super) mod auth {}
}

mod everything {
    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        protect("/**" => auth),
        public("/open"),
        bearer(audience = "https://api.example.com"),
        unauthenticated = "json",
    )]
    pub(super) mod auth {}
}

fn setup(spec: &'static Spec) -> Setup {
    Setup {
        spec,
        files: true,
        ..Setup::default()
    }
}

#[tokio::test]
async fn a_rule_holds_for_a_handler_that_has_no_guard() {
    let tale = alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let mut stranger = peer.browser();
        let page = stranger.open("/open?a=1").await;
        assert_eq!(page.location(), "/api/auth/signin?returnTo=%2Fopen%3Fa%3D1");
        assert_eq!(page.header(header::CACHE_CONTROL), Some("no-store"));
        tale.tell("page", &page);
        let fetched = stranger.fetch("/open").await;
        fetched.refuses(401, "unauthenticated", "Sign-in required");
        tale.tell("fetch", &fetched);
        let bob = peer.browser_of("bob").await.open("/open").await;
        bob.refuses(403, "forbidden", "Insufficient permission");
        tale.tell("bob", &bob);
        let mut alice = peer.browser_of("alice").await;
        let open = alice.open("/open").await;
        assert_eq!(open.body, "open to all");
        tale.tell("alice", &open);
    })
    .await;
    assert_eq!(tale.len(), 4);
}

#[tokio::test]
async fn a_rule_holds_for_each_method_a_preflight_among_them() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let mut stranger = peer.browser();
        for name in ["POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "BREW"] {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            let visit = stranger.visit(method, "/vault/x");
            let visit = visit.header("access-control-request-method", "POST");
            let answer = visit.send().await;
            assert_eq!(answer.status, 401, "{name}");
            tale.tell(name, &answer);
        }
    })
    .await;
}

#[tokio::test]
async fn a_rule_holds_where_no_handler_is() {
    let without_files = Setup {
        files: false,
        ..setup(rules::auth::SPEC)
    };
    alike_in(without_files, async |peer: &Peer, tale: &mut Tale| {
        let stranger = peer.browser().fetch("/vault/nothing").await;
        assert_eq!(stranger.status, 401);
        tale.tell("stranger", &stranger);
        let alice = peer.browser_of("alice").await.fetch("/vault/nothing").await;
        assert_eq!(alice.status, 404);
        tale.tell("alice", &alice);
    })
    .await;
}

#[tokio::test]
async fn what_is_public_is_open_to_all_and_only_as_it_is_written() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let mut stranger = peer.browser();
        for path in ["/vault/lobby", "/vault/assets/a%20b.css", "/elsewhere"] {
            let answer = stranger.fetch(path).await;
            assert_eq!(answer.status, 200, "{path}");
            tale.tell(path, &answer);
        }
        for path in ["/vault/lobby/", "/vault/Lobby", "/vault/%6Cobby"] {
            let answer = stranger.fetch(path).await;
            assert_eq!(answer.status, 401, "{path}");
            tale.tell(path, &answer);
        }
    })
    .await;
}

#[tokio::test]
async fn guards_on_handlers_apply_besides() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let mut bob = peer.browser_of("bob").await;
        // The rule asks for a session, the guard for a scope.
        let guarded = bob.open("/admin/dashboard").await;
        guarded.refuses(403, "forbidden", "Insufficient permission");
        tale.tell("guarded", &guarded);
        let beside = bob.open("/admin/elsewhere").await;
        assert_eq!(beside.status, 200);
        tale.tell("beside", &beside);
    })
    .await;
}

#[tokio::test]
async fn who_may_pass_brings_the_body_along() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        let visit = alice.own_post("/admin/upload");
        let answer = visit.body("text/plain", "a letter").send().await;
        assert_eq!(answer.body, "taken: a letter");
        tale.tell("upload", &answer);
    })
    .await;
}

#[tokio::test]
async fn the_endpoints_are_for_everybody_whatever_the_rules_say() {
    let setup = Setup {
        spec: everything::auth::SPEC,
        ..Setup::default()
    };
    alike_in(setup, async |peer, tale| {
        let mut stranger = peer.browser();
        let page = stranger.open("/dashboard").await;
        page.refuses(401, "unauthenticated", "Sign-in required");
        tale.tell("page", &page);
        tale.tell("open", &stranger.open("/open").await);
        // Of RFC 9728, which has a place of its own for it.
        const METADATA: &str = "/.well-known/oauth-protected-resource";
        let metadata = stranger.fetch(METADATA).await;
        assert_eq!(metadata.status, 200);
        tale.tell("metadata", &metadata);
        let journey = stranger.sign_in("bob", None).await;
        assert!(journey.callback.makes_a_session());
        tale.tell("landed", &journey.landed.unwrap());
        let refreshed = stranger.post("/api/auth/refresh").await;
        assert_eq!(refreshed.status, 200);
        tale.tell("refreshed", &refreshed);
        let out = stranger.post("/api/auth/logout").await;
        tale.tell("out", &out);
        // One spelling.
        for path in [
            "/api/auth/signin/",
            "/api/auth//signin",
            "/API/auth/signin",
            "/.well-known/oauth-protected-resource/",
            "/.well-known/oauth-protected-resource/x",
            "/.Well-Known/oauth-protected-resource",
        ] {
            let answer = stranger.fetch(path).await;
            assert_eq!(answer.status, 401, "{path}");
            tale.tell(path, &answer);
        }
    })
    .await;
}

#[tokio::test]
async fn an_unconfigured_app_lets_nobody_to_a_protected_path() {
    let unconfigured = Setup {
        configured: false,
        ..setup(rules::auth::SPEC)
    };
    alike_in(unconfigured, async |peer: &Peer, tale: &mut Tale| {
        let answer = peer.browser().open("/vault/x").await;
        answer.refuses(503, "missing_configuration", "Missing client configuration");
        tale.tell("vault", &answer);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_the_rule_renews_is_written_back() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        peer.pass(std::time::Duration::from_secs(3550));
        let answer = alice.open("/vault/x").await;
        assert_eq!(answer.status, 200);
        assert!(answer.makes_a_session(), "{answer:?}");
        tale.tell("renewed", &answer);
    })
    .await;
}

/// Paths that a careless server takes for one in the vault.
const TRICKS: &[&str] = &[
    "/vault",
    "/vault/",
    "//vault",
    "/vault//x",
    "/./vault",
    "/vault/./x",
    "/x/../vault",
    "/../vault",
    "/x/..//vault/x",
    "/%76ault",
    "/%2576ault",
    "/%252576ault",
    "/%2%35%37%36ault",
    "/x/%2e%2e/vault",
    "/x/.%2E/vault",
    "/x/%252e%252e/vault",
    "/x%2f..%2fvault",
    "/%2fvault",
    "/%2Fvault%2Fx",
    "/vault%2fx",
    "/vault%5cx",
    "/%5cvault",
    "/\\vault",
    "/x\\..\\vault",
    "/VAULT",
    "/Vault/x",
    "/vault;a=b/x",
    "/x/..;/vault",
    "/;a/vault",
    "/vault/lobby/../x",
    "/vault/lobby/%2e%2e/x",
    "/vault/lobby/..%2fx",
    "/vault/lobby%2f..%2fx",
    "/vault/assets/../x",
    "/vault/assets/%2e%2e/x",
    "/vault/assets/.%2e/x",
    "/vault/assets/..%5cx",
    "/vault/assets/..\\x",
    "/vault/assets/..;/x",
    "/vault/assets/%252e%252e/x",
    "/vault/lobby;/../x",
    "http://elsewhere.example/vault/x",
];

/// Nobody signed out sees the vault.
#[track_caller]
fn is_kept_out(asked: &str, answer: &Answer) {
    assert!(
        !answer.body.contains("the vault"),
        "{asked} got in: {answer:?}"
    );
    assert!(
        [400, 401, 404].contains(&answer.status.as_u16()),
        "{asked}: {answer:?}"
    );
}

#[tokio::test]
async fn no_way_of_writing_a_path_steps_around_its_rule() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        for path in TRICKS {
            for method in ["GET", "POST", "OPTIONS", "BREW"] {
                let asked = format!("{method} {path} HTTP/1.1");
                is_kept_out(&asked, &peer.say(&asked, &[]).await);
            }
        }
        // It is there.
        let mut alice = peer.browser_of("alice").await;
        let inside = alice.open("/vault/x").await;
        assert_eq!(inside.body, "what is in the vault");
        tale.tell("inside", &inside);
    })
    .await;
}

#[tokio::test]
async fn an_encoded_slash_in_a_segment_steps_around_no_rule() {
    let inside = Cell::new(0);
    alike_in(setup(segments::auth::SPEC), async |peer, tale| {
        let cookie = peer.browser_of("alice").await.cookie("authsafe").unwrap();
        let cookie = format!("authsafe={cookie}");
        for path in [
            "/users/a%2fb/%65dit",
            "/users/a%252fb/%65dit",
            "/x%2fy/%61dmin/vault/users",
            "/x%252Fy/%61dmin/vault/users",
        ] {
            let asked = format!("GET {path} HTTP/1.1");
            let stranger = peer.say(&asked, &[]).await;
            assert_eq!(stranger.status, 401, "{path}");
            tale.tell(path, &stranger);
            let alice = peer.say(&asked, &[("cookie", &cookie)]).await;
            inside.set(inside.get() + usize::from(alice.body == "what is in the vault"));
        }
    })
    .await;
    // The router of actix-web decodes what is between the slashes; those of others do not.
    assert_eq!(inside.get(), 4);
}

/// Nobody sees what is for admins but an admin. Returns how often she does, over all frameworks.
async fn are_for_admins(paths: &[&str]) -> usize {
    let inside = Cell::new(0);
    alike_in(setup(mounts::auth::SPEC), async |peer, tale| {
        let cookie_of = async |user| {
            let cookie = peer.browser_of(user).await.cookie("authsafe").unwrap();
            format!("authsafe={cookie}")
        };
        let (alice, bob) = (cookie_of("alice").await, cookie_of("bob").await);
        for path in paths {
            let asked = format!("GET {path} HTTP/1.1");
            let stranger = peer.say(&asked, &[]).await;
            assert_eq!(stranger.status, 401, "{path}: {stranger:?}");
            tale.tell(path, &stranger);
            let bob = peer.say(&asked, &[("cookie", &bob)]).await;
            assert_eq!(bob.status, 403, "{path}: {bob:?}");
            tale.tell(path, &bob);
            let alice = peer.say(&asked, &[("cookie", &alice)]).await;
            inside.set(inside.get() + usize::from(alice.body.contains("for admins")));
        }
        let outside = peer.say("GET /files/x/y.txt HTTP/1.1", &[]).await;
        assert_eq!(outside.body, "what is for all\n");
        let outside = peer.say("GET /bff/x/avatar HTTP/1.1", &[]).await;
        assert_eq!(outside.body, "nothing at /x/avatar");
    })
    .await;
    inside.get()
}

#[tokio::test]
async fn dots_above_a_mount_lead_nobody_past_its_rules() {
    let paths = [
        "/files/../admin/x.txt",
        "/files/%2e%2e/admin/x.txt",
        "/files/x/../../admin/x.txt",
        "/files/x/%2e%2e/%2E./admin/x.txt",
        "/files/../x/../admin/x.txt",
        "/bff/../admin/users",
        "/bff/..%5Cadmin",
        "/bff/..\\admin",
        "/bff/%2e%2e%2fadmin",
        "/bff/%252e%252e/admin",
        "/bff/x/../../admin",
        "/files/../bff/admin",
    ];
    let inside = are_for_admins(&paths).await;
    // The files by one of the three, what is forwarded by all.
    assert!(inside > paths.len(), "{inside}");
}

#[tokio::test]
async fn what_url_parsers_tidy_leads_nobody_past_a_rule() {
    let paths = [
        "/bff/adm%09in/users",
        "/bff/adm%0Ain/users",
        "/bff/adm%0Din/users",
        "/bff/%09admin/users",
        "/bff/admin%3F",
        "/bff/admin%3Fx",
        "/bff/admin%23x",
        "/bff/admin%01",
        "/bff/admin%00",
        "/bff/admin%20",
        "/bff/.%09./admin/users",
        "/bff/admin%23/avatar",
        "/bff/admin%3F/avatar",
        "/bff/admin%2F/avatar",
        "/bff/admin%5Cx/avatar",
        "/bff/%2561dmin/avatar",
    ];
    let inside = are_for_admins(&paths).await;
    assert_eq!(inside, 3 * paths.len());
}

#[tokio::test]
async fn letters_that_a_server_takes_for_others_lead_nobody_past_a_rule() {
    let paths = [
        "/bff/de%C5%BFk/users",
        "/bff/des%E2%84%AA",
        "/bff/adm%C4%B1n",
        "/bff/ADM%C4%B1N/x",
        "/bff/DeSk/x",
    ];
    let inside = are_for_admins(&paths).await;
    assert_eq!(inside, 3 * paths.len());
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's linear congruential generator, MMIX.
        self.0 = self.0.wrapping_mul(6364136223846793005);
        self.0 = self.0.wrapping_add(1442695040888963407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    /// A path in the vault, rewritten a few times over.
    fn rewritten(&mut self) -> String {
        let beginnings = [
            "/vault",
            "/vault/x",
            "/vault/lobby/../y",
            "/vault/assets/../z",
        ];
        let mut path = beginnings[self.roll(beginnings.len())].to_owned();
        for _ in 0..=self.roll(5) {
            let at = 1 + self.roll(path.len());
            let (before, after) = path.split_at(at.min(path.len()));
            let slash = |with: &str| path.replacen('/', with, 1 + usize::from(path.len() > 9));
            path = match self.roll(8) {
                0 => slash("//"),
                1 => slash("/./"),
                2 => slash("/q/../"),
                3 => format!("/{}", slash("%2f").trim_start_matches('/')),
                4 => slash(if self.roll(2) == 0 { "/%5c" } else { "\\" }),
                5 => format!("{before}{}", after.to_ascii_uppercase()),
                6 => match after.chars().next() {
                    Some(c) => format!("{before}%{:02x}{}", u32::from(c), &after[1..]),
                    None => format!("{path}/"),
                },
                _ => path
                    .replacen('.', "%2e", 1)
                    .replacen('%', "%25", self.roll(2)),
            };
        }
        if path.starts_with('/') {
            path
        } else {
            format!("/{path}")
        }
    }
}

#[tokio::test]
async fn a_path_that_is_rewritten_at_random_leads_nobody_into_the_vault() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let mut dice = Dice(20_261_123);
        let cookie = peer.browser_of("alice").await.cookie("authsafe").unwrap();
        let cookie = format!("authsafe={cookie}");
        let mut inside = 0;
        for _ in 0..200 {
            let asked = format!("GET {} HTTP/1.1", dice.rewritten());
            is_kept_out_or_elsewhere(&asked, &peer.say(&asked, &[]).await);
            let alice = peer.say(&asked, &[("cookie", &cookie)]).await;
            inside += usize::from(alice.body == "what is in the vault");
        }
        // Most of them do lead there, for who may enter.
        assert!(inside > 100, "{inside} of 200");
        tale.note("kept out");
    })
    .await;
}

#[tokio::test]
async fn what_a_stranger_sends_costs_no_more_than_its_length() {
    alike_in(setup(rules::auth::SPEC), async |peer, tale| {
        let long = |part: &str, bytes: usize| part.repeat(bytes / part.len());
        for path in [
            long("~1", 60_000),
            long("a~1/", 60_000),
            long("a.~1", 2_000),
            long("/", 2_000),
            long("%25", 2_000),
            long("a:/", 2_000),
        ] {
            let began = Instant::now();
            let asked = format!("GET /x/{path}%41 HTTP/1.1");
            let cookies = long("authsafe=x; authsafe.1=y; ", 30_000);
            let answer = peer.say(&asked, &[("cookie", &cookies)]).await;
            let (took, status) = (began.elapsed(), answer.status);
            assert!(!status.is_server_error(), "{status}: {}", &path[..9]);
            assert!(took < Duration::from_secs(3), "{took:?}: {}", &path[..9]);
            tale.note("answered");
        }
    })
    .await;
}

#[tokio::test]
async fn a_path_at_random_below_a_mount_leads_nobody_past_its_rules() {
    const BEFORE: &[&str] = &[
        "",
        "",
        "",
        "../",
        "x/../",
        "/",
        "./",
        "%2e%2e/",
        "..%5c",
        "%2e%2e%2f",
        ".%09./",
        "%2f",
    ];
    const NAMES: &[&str] = &[
        "admin",
        "admin/x.txt",
        "%61dmin/x.txt",
        "ADMIN",
        "de%C5%BFk",
        "adm%0Ain",
        "%2561dmin",
    ];
    const AFTER: &[&str] = &[
        "",
        "",
        "",
        "/",
        "%3F",
        "%23",
        "%23/avatar",
        "%2F/avatar",
        "%01",
        "%20",
        "/x/..",
        "/.",
    ];
    let inside = Cell::new(0);
    alike_in(setup(mounts::auth::SPEC), async |peer, tale| {
        let mut dice = Dice(20_261_126);
        let cookie_of = async |user| {
            let cookie = peer.browser_of(user).await.cookie("authsafe").unwrap();
            format!("authsafe={cookie}")
        };
        let (alice, bob) = (cookie_of("alice").await, cookie_of("bob").await);
        for _ in 0..150 {
            let mut one_of = |parts: &[&'static str]| parts[dice.roll(parts.len())];
            let mount = one_of(&["/files/", "/bff/", "/bff/"]);
            let (before, again) = (one_of(BEFORE), one_of(BEFORE));
            let (name, after) = (one_of(NAMES), one_of(AFTER));
            let asked = format!("GET {mount}{before}{again}{name}{after} HTTP/1.1");
            let alice = peer.say(&asked, &[("cookie", &alice)]).await;
            if !alice.body.contains("for admins") {
                continue;
            }
            inside.set(inside.get() + 1);
            for cookie in [&[][..], &[("cookie", bob.as_str())]] {
                let other = peer.say(&asked, cookie).await;
                assert!(
                    [401, 403].contains(&other.status.as_u16()),
                    "{asked}: {other:?}"
                );
            }
        }
        tale.note("kept out");
    })
    .await;
    assert!(inside.get() > 90, "{} of 450", inside.get());
}

#[track_caller]
fn is_kept_out_or_elsewhere(asked: &str, answer: &Answer) {
    assert!(
        !answer.body.contains("in the vault"),
        "{asked} got in: {answer:?}"
    );
}

// axum.

#[require_scope("admin", routes = rules::auth)]
async fn inner() -> &'static str {
    "inner"
}

#[tokio::test]
async fn a_layer_in_a_nested_router_sees_the_whole_path() {
    let stage = Stage::builder().spec(rules::auth::SPEC).start().await;
    // Of the same app: its layer on a nested router alone.
    let nested = Router::new()
        .route("/x", any(async || "in the vault"))
        .route("/inner", get(inner))
        .layer(stage.auth.layer());
    let app: Router = Router::new()
        .nest("/vault", nested.clone())
        .nest("/y", nested);
    let status = async |path: &str| {
        let request = http::Request::get(path).body(axum::body::Body::empty());
        let answer = app.clone().oneshot(request.unwrap()).await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(status("/vault/x").await, 401);
    assert_eq!(status("/y/x").await, 200);
    let page = http::Request::get("/y/inner").header("sec-fetch-mode", "navigate");
    let page = page.body(axum::body::Body::empty()).unwrap();
    let page = app.clone().oneshot(page).await.unwrap();
    assert_eq!(
        page.headers()["location"],
        "/api/auth/signin?returnTo=%2Fy%2Finner"
    );
}

/// A router within another, with something between that rewrites paths.
fn rewritten(stage: &Stage, path: &'static str) -> Router {
    let inner = Router::new()
        .route("/vault/x", any(async || "in the vault"))
        .route("/open/x", any(async || "open to all"))
        .layer(stage.auth.layer());
    let rewrite = move |mut request: axum::extract::Request| {
        *request.uri_mut() = http::Uri::from_static(path);
        request
    };
    let within = ServiceBuilder::new().map_request(rewrite).service(inner);
    Router::new().fallback_service(within)
}

#[tokio::test]
async fn a_path_that_was_rewritten_is_held_to_the_rules_of_both() {
    let stage = Stage::builder().spec(rules::auth::SPEC).start().await;
    for (asked, path, status) in [
        ("/old/x", "/vault/x", 401),
        ("/vault/x", "/open/x", 401),
        ("/en/vault/x", "/vault/x", 401),
        ("/vault/open/x", "/open/x", 401),
        ("/en/open/x", "/open/x", 200),
    ] {
        let request = http::Request::get(asked).body(axum::body::Body::empty());
        let answer = rewritten(&stage, path).oneshot(request.unwrap()).await;
        assert_eq!(answer.unwrap().status(), status, "{asked} to {path}");
    }
}

#[tokio::test]
async fn a_path_that_was_rewritten_before_a_router_cut_it_is_held_to_the_rules_of_both() {
    let stage = Stage::builder().spec(rules::auth::SPEC).start().await;
    let vault = Router::new()
        .route("/", any(async || "in the vault"))
        .route("/y", any(async || "in the vault"))
        .route("/lobby", any(async || "for all"))
        .layer(stage.auth.layer());
    let of_a_team = Router::new().nest("/{team}", vault.clone());
    let site = Router::new()
        .nest("/vault", vault.clone())
        .nest("/shop", vault.clone())
        .nest("/by/id", Router::new().nest("/{team}", vault));
    for (site, asked, path, status) in [
        (&site, "/en/vault/y", "/vault/y", 401),
        (&site, "/pub/y", "/vault/y", 401),
        (&site, "/y", "/vault/y", 401),
        (&site, "/en/vault", "/vault", 401),
        (&site, "/en/vault/lobby", "/vault/lobby", 200),
        (&site, "/vault/y", "/vault/y", 401),
        (&site, "/en/shop/y", "/shop/y", 200),
        (&site, "/shop/y", "/shop/y", 200),
        (&site, "/x/y", "/by/id/x/y", 200),
        (&site, "/by/x/y", "/by/id/x/y", 200),
        (&site, "/by/id/z", "/by/id/x/y", 401),
        (&of_a_team, "/en/vault/y", "/vault/y", 401),
        (&of_a_team, "/x/y", "/x/y", 200),
    ] {
        let rewrite = move |mut request: axum::extract::Request| {
            *request.uri_mut() = http::Uri::from_static(path);
            request
        };
        let within = ServiceBuilder::new()
            .map_request(rewrite)
            .service(site.clone());
        let app: Router = Router::new().fallback_service(within);
        let request = http::Request::get(asked).body(axum::body::Body::empty());
        let answer = app.oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), status, "{asked} to {path}");
    }
    // The routers around a rewrite cut paths, too.
    let rewrite = |mut request: axum::extract::Request| {
        *request.uri_mut() = http::Uri::from_static("/vault/y");
        request
    };
    let within = ServiceBuilder::new().map_request(rewrite).service(site);
    let app: Router = Router::new().nest_service("/old", within);
    let request = http::Request::get("/old/pub/y").body(axum::body::Body::empty());
    let answer = app.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn a_path_that_is_cut_for_a_nested_router_was_not_rewritten() {
    let stage = Stage::builder().spec(rules::auth::SPEC).start().await;
    let nested = Router::new()
        .route("/", any(async || "the root"))
        .route("/open", any(async || "within"))
        .route("/vault/x", any(async || "within"))
        .layer(stage.auth.layer());
    let deep = Router::new().nest("/{team}", nested.clone());
    let app: Router = Router::new()
        .nest("/a", nested.clone())
        .nest("/b", deep)
        .nest_service("/c", nested);
    for path in ["/a", "/a/open", "/b/x/vault/x", "/c/vault/x", "/c/open"] {
        let request = http::Request::get(path).body(axum::body::Body::empty());
        let answer = app.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    // Of those that are rewritten within one that is nested, too.
    let app: Router = Router::new().nest_service("/a", rewritten(&stage, "/vault/x"));
    let request = http::Request::get("/a/open/x").body(axum::body::Body::empty());
    let answer = app.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 401);
}

// actix-web.

#[tokio::test]
async fn a_path_that_is_routed_as_another_is_held_to_the_rules_of_both() {
    use actix_web::dev::Service as _;
    use actix_web::{App, test, web};
    let stage = Stage::builder().spec(rules::auth::SPEC).start().await;
    for (uri, routed, status) in [
        ("/open/x", "/vault/x", 401),
        ("/vault/x", "/open/x", 401),
        ("/open/x", "/open/x", 200),
    ] {
        let app = App::new()
            .default_service(web::to(async || "served"))
            .wrap(stage.auth.middleware())
            .wrap_fn(move |mut request, within| {
                request.head_mut().uri = uri.parse().unwrap();
                within.call(request)
            });
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().uri(routed).to_request();
        let answer = test::call_service(&app, request).await;
        assert_eq!(answer.status().as_u16(), status, "{uri} by {routed}");
    }
}

// tower.

#[tokio::test]
async fn a_service_with_bodies_of_its_own_says_how_a_refusal_is_made() {
    type Answer = http::Response<BoxBody<Bytes, Infallible>>;
    let stage = Stage::builder().spec(rules::auth::SPEC).start().await;
    let service = ServiceBuilder::new()
        .layer(
            stage
                .auth
                .layer()
                .with_body(|bytes| Full::new(bytes).boxed()),
        )
        .service_fn(async |_: http::Request<()>| {
            Ok::<Answer, Infallible>(Answer::new(Full::from("served").boxed()))
        });
    for (path, status) in [("/vault/x", 401), ("/elsewhere", 200)] {
        let request = http::Request::get(path).body(()).unwrap();
        let answer = service.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}

// What is written by hand.

#[tokio::test]
async fn rules_that_contradict_themselves_stop_the_start() {
    const SPEC: &Spec = &spec(SpecParts {
        protect: &[Protect {
            path: "admin/**",
            when: Policy::SignedIn,
        }],
        public: &["/a b"],
        ..*parts(auth::SPEC)
    });
    let error = Stage::builder().spec(SPEC).try_start().await.err().unwrap();
    let text = error.to_string();
    for problem in [
        "protect cannot be \"admin/**\": it does not start with `/`",
        "public cannot be \"/a b\": it contains a space",
    ] {
        assert!(text.contains(problem), "{text}");
    }
}

#[tokio::test]
async fn who_is_signed_in_passes_once_for_rule_and_handler() {
    async fn name(session: Session) -> String {
        session.user().id().to_owned()
    }
    let pages = Router::new().route("/vault/name", get(name));
    let stage = Stage::builder()
        .spec(rules::auth::SPEC)
        .pages(pages)
        .start()
        .await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.open("/vault/name").await.body, "authsafe|alice");
}
