//! Policies of the app's own: what they see, what they decide, and who is told.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use authsafe::hooks::Event;
use authsafe::{Authorized, Decision, Session, require, require_scope};
use authsafe_tests::peers::{Tale, alike};
use authsafe_tests::{Answer, Logs, Stage};
use axum::extract::{FromRequestParts, Path};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::Method;
use http::request::Parts;

mod app {
    #[authsafe::routes(
        scopes("openid", "profile", "admin"),
        roles("admin"),
        on_event = super::witness
    )]
    pub(crate) mod auth {}
}
use app::auth;

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
static LOGS: LazyLock<Logs> = LazyLock::new(Logs::capture);

fn witness(event: &Event<'_>) {
    if let Event::Refused {
        user_id: Some(user),
        policy: Some(policy),
        reason,
        ..
    } = event
    {
        let line = format!("{user} {policy} {reason:?}");
        SEEN.lock().unwrap().push(line);
    }
}

/// The app's database: who owns a document.
#[derive(Clone)]
struct Documents;

impl Documents {
    async fn owner_of(&self, id: u64) -> Result<&'static str, String> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        match id {
            1 => Ok("authsafe|alice"),
            2 => Ok("authsafe|bob"),
            _ => Err("the database does not answer".to_owned()),
        }
    }
}

mod documents {
    use super::*;

    #[authsafe::policy]
    pub(super) async fn owned(session: &Session, request: &Parts) -> Decision {
        let path = Path::<u64>::from_request_parts(&mut request.clone(), &()).await;
        let (Ok(Path(id)), Some(documents)) = (path, request.extensions.get::<Documents>()) else {
            return Decision::unavailable("no document, or no documents");
        };
        match documents.owner_of(id).await {
            Ok(owner) if owner == session.user().id() => Decision::allow(),
            Ok(_) => Decision::deny_because("somebody else's document"),
            Err(error) => Decision::unavailable(error),
        }
    }

    /// An error is no entry.
    #[authsafe::policy]
    pub(super) async fn exists(_: &Session, request: &Parts) -> Result<bool, String> {
        let path = Path::<u64>::from_request_parts(&mut request.clone(), &()).await;
        let Path(id) = path.map_err(|error| error.to_string())?;
        Documents.owner_of(id).await.map(|_| true)
    }
}

#[authsafe::policy]
async fn never_asked(_: &Session, _: &Parts) -> bool {
    panic!("asked of a stranger");
}

#[require(policy = never_asked)]
async fn never() {}

static ADMINS_ASKED: AtomicUsize = AtomicUsize::new(0);

/// A condition first, and then the function.
#[authsafe::policy(scope("admin"), routes = app::auth)]
async fn admin_in_person(_: &Session, request: &Parts) -> bool {
    ADMINS_ASKED.fetch_add(1, Ordering::SeqCst);
    request.headers.contains_key("x-in-person")
}

#[authsafe::policy(all(scope("admin"), recent("5m")), routes = app::auth)]
struct Admin;

#[require(policy = documents::owned)]
async fn edit(Json(body): Json<String>) -> String {
    body
}

#[require(policy = documents::exists)]
#[require(policy = documents::owned)]
async fn read(Path(id): Path<u64>) -> String {
    format!("document {id}")
}

#[require(policy = super::admin_in_person)]
mod guarded {
    pub(crate) async fn page() -> &'static str {
        "in person"
    }
}

async fn delete_all(admin: Authorized<Admin>) -> String {
    delete_rows(&admin)
}

fn delete_rows(admin: &Authorized<Admin>) -> String {
    format!("deleted by {}", admin.session().user().id())
}

/// Whoever reads what only admins may, says so in its arguments.
#[require_scope("profile", routes = app::auth)]
async fn debug(admin: Authorized<Admin>) -> String {
    format!("{admin:?}")
}

async fn stage() -> Stage {
    let pages = Router::new()
        .route("/documents/{id}", get(read).post(edit))
        .route("/in-person", get(guarded::page))
        .route("/all", get(delete_all).post(delete_all))
        .route("/never", get(never).post(never))
        .route("/debug", get(debug))
        .route("/undocumented/{id}", post(edit))
        .route_layer(axum::middleware::map_request(
            async |mut request: axum::extract::Request| {
                if !request.uri().path().starts_with("/undocumented") {
                    request.extensions_mut().insert(Documents);
                }
                request
            },
        ));
    LazyLock::force(&LOGS);
    Stage::builder().spec(auth::SPEC).pages(pages).start().await
}

fn forbidden(answer: &Answer) {
    answer.refuses(403, "forbidden", "Insufficient permission");
}

fn unavailable(answer: &Answer) {
    answer.refuses(
        503,
        "policy_unavailable",
        "Permission cannot be checked now",
    );
}

#[tokio::test]
async fn a_policy_sees_the_session_the_path_and_what_the_app_shares() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let mut bob = stage.browser_of("bob").await;
    assert_eq!(alice.open("/documents/1").await.body, "document 1");
    assert_eq!(bob.open("/documents/2").await.body, "document 2");
    forbidden(&alice.open("/documents/2").await);
    forbidden(&bob.open("/documents/1").await);
    forbidden(&bob.fetch("/documents/%31").await);
}

#[tokio::test]
async fn a_policy_that_cannot_decide_lets_nobody_in() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    unavailable(&alice.open("/documents/3").await);
    unavailable(&alice.post("/documents/3").await);
    unavailable(&alice.open("/documents/x").await);
    unavailable(&alice.post("/undocumented/1").await);
    assert!(LOGS.text().contains("the database does not answer"));
}

#[tokio::test]
async fn the_reason_is_for_the_log_and_the_witness_and_not_for_the_browser() {
    let stage = stage().await;
    let refused = stage.browser_of("alice").await.open("/documents/2").await;
    forbidden(&refused);
    let headers = format!("{:?}", refused.headers);
    assert!(!headers.contains("somebody") && !headers.contains("owned"));
    let denied = "authsafe|alice own_policies::documents::owned Some(\"somebody else's document\")";
    assert!(SEEN.lock().unwrap().iter().any(|it| it == denied));
    assert!(LOGS.text().contains("somebody else's document"));
    let log = LOGS.text();
    let mut lines = log
        .lines()
        .filter(|it| it.contains("somebody else's document"));
    let is_whole = |line: &str| line.contains(" refused ") && line.contains("code=\"forbidden\"");
    assert!(lines.all(is_whole), "{log}");
}

#[tokio::test]
async fn what_a_policy_denies_is_one_event_with_its_request_and_reason() {
    let stage = stage().await;
    let seen = std::sync::Arc::new(Mutex::new(Vec::new()));
    let audit = std::sync::Arc::clone(&seen);
    let _ = stage.auth.clone().on_event(move |event| {
        let line = match event {
            Event::SignInStarted { .. } | Event::SignedIn { .. } => return,
            Event::Refused {
                error,
                method,
                path,
                user_id,
                policy,
                reason,
                ..
            } => format!(
                "{} {method} {path} {user_id:?} {policy:?} {reason:?}",
                error.code()
            ),
            other => format!("{other:?}"),
        };
        audit.lock().unwrap().push(line);
    });
    let mut alice = stage.browser_of("alice").await;
    forbidden(&alice.open("/documents/2?q=s3cr3t").await);
    unavailable(&alice.open("/documents/3").await);
    let policy = r#"Some("authsafe|alice") Some("own_policies::documents::owned")"#;
    assert_eq!(
        *seen.lock().unwrap(),
        [
            format!(r#"forbidden GET /documents/2 {policy} Some("somebody else's document")"#),
            r#"policy_unavailable GET /documents/3 Some("authsafe|alice") Some("own_policies::documents::exists") None"#
                .to_owned(),
        ]
    );
}

#[tokio::test]
async fn a_policy_is_asked_before_the_body_is_read() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    for (document, status) in [("/documents/2", 403), ("/documents/1", 415)] {
        assert_eq!(alice.post(document).await.status, status);
    }
}

#[tokio::test]
async fn who_is_signed_out_never_gets_to_a_policy() {
    let stage = stage().await;
    let mut browser = stage.browser();
    let sent = browser.open("/all").await;
    assert_eq!(
        sent.location(),
        "/api/auth/signin?returnTo=%2Fall&max_age=300"
    );
    let sent = browser.open("/never").await;
    assert_eq!(sent.location(), "/api/auth/signin?returnTo=%2Fnever");
    for told in [browser.fetch("/never").await, browser.post("/never").await] {
        told.refuses(401, "unauthenticated", "Sign-in required");
    }
}

#[tokio::test]
async fn a_condition_is_asked_before_the_function() {
    let stage = stage().await;
    let mut bob = stage.browser_of("bob").await;
    let in_person = bob.visit(Method::GET, "/in-person");
    forbidden(&in_person.header("x-in-person", "1").send().await);
    assert_eq!(ADMINS_ASKED.load(Ordering::SeqCst), 0);
    let mut alice = stage.browser_of("alice").await;
    forbidden(&alice.open("/in-person").await);
    let in_person = alice.visit(Method::GET, "/in-person");
    let answer = in_person.header("x-in-person", "1").send().await;
    assert_eq!(answer.body, "in person");
    assert_eq!(ADMINS_ASKED.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_witness_is_given_to_whom_the_policy_allows() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.open("/all").await.body, "deleted by authsafe|alice");
    forbidden(&stage.browser_of("bob").await.open("/all").await);
    let shown = alice.open("/debug").await.body;
    assert!(
        shown.starts_with("Authorized { policy: \"own_policies::Admin\""),
        "{shown}"
    );
    stage.pass(Duration::from_secs(310));
    let sent = alice.open("/all").await;
    assert_eq!(
        sent.location(),
        "/api/auth/signin?returnTo=%2Fall&max_age=300"
    );
    let told = alice.post("/all").await;
    told.refuses(401, "reauthentication_required", "Recent sign-in required");
}

#[tokio::test]
async fn a_policy_takes_what_the_framework_gives_a_handler() {
    alike(async |peer, tale: &mut Tale| {
        let mut stranger = peer.browser();
        for document in ["/documents/1", "/documents/none"] {
            let told = stranger.fetch(document).await;
            told.refuses(401, "unauthenticated", "Sign-in required");
            tale.tell("stranger", &told);
        }
        let mut alice = peer.browser_of("alice").await;
        for (document, status) in [("1", 200), ("2", 403), ("3", 503)] {
            let answer = alice.fetch(&format!("/documents/{document}")).await;
            assert_eq!(answer.status, status, "{document}");
            tale.tell(document, &answer);
        }
        let unread = alice.fetch("/documents/none").await;
        assert_ne!(unread.body, "document none");
        let mut bob = peer.browser_of("bob").await;
        tale.tell("bob", &bob.fetch("/documents/1").await);
    })
    .await;
}

mod in_a_tree {
    use super::*;

    #[authsafe::policy]
    async fn yes(_: &Session, _: &Parts) -> bool {
        true
    }

    #[authsafe::policy]
    async fn no(_: &Session, _: &Parts) -> Decision {
        Decision::deny_because("the policy says no")
    }

    #[authsafe::policy]
    async fn unknown(_: &Session, _: &Parts) -> Decision {
        Decision::unavailable("nobody knows")
    }

    /// A condition by name.
    #[authsafe::policy(permission("nobody:has"))]
    struct Nobody;

    #[require(any(role("nobody"), policy(yes)), routes = any)]
    async fn either() {}

    #[require(any(policy(no), policy(Nobody)))]
    async fn neither() {}

    #[require(all(policy(yes), not(policy(no))))]
    async fn both() {}

    #[require(not(policy(yes)))]
    async fn not_yes() {}

    #[require(not(policy(unknown)))]
    async fn not_unknown() {}

    #[require(any(policy(unknown), policy(no)))]
    async fn unknown_or_no() {}

    #[require(any(scope("admin"), policy(unknown)), routes = auth)]
    async fn admin_or_unknown() {}

    #[require(all(recent("5m"), policy(yes)))]
    async fn lately() {}

    #[require(all(recent("5m"), policy(no)))]
    async fn lately_and_no() {}

    #[require(any(policy(no), recent("5m")))]
    async fn no_or_lately() {}

    const PAGES: [(&str, u16); 10] = [
        ("either", 200),
        ("neither", 403),
        ("both", 200),
        ("not_yes", 403),
        ("not_unknown", 503),
        ("unknown_or_no", 503),
        ("admin_or_unknown", 200),
        ("lately", 200),
        ("lately_and_no", 403),
        ("no_or_lately", 200),
    ];

    async fn stage() -> Stage {
        let pages = Router::new()
            .route("/either", get(either))
            .route("/neither", get(neither))
            .route("/both", get(both))
            .route("/not_yes", get(not_yes))
            .route("/not_unknown", get(not_unknown))
            .route("/unknown_or_no", get(unknown_or_no))
            .route("/admin_or_unknown", get(admin_or_unknown))
            .route("/lately", get(lately))
            .route("/lately_and_no", get(lately_and_no))
            .route("/no_or_lately", get(no_or_lately));
        Stage::builder().spec(auth::SPEC).pages(pages).start().await
    }

    #[tokio::test]
    async fn a_policy_stands_beside_conditions() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        for (page, status) in PAGES {
            let answer = alice.fetch(&format!("/{page}")).await;
            assert_eq!(answer.status, status, "{page}");
            let stranger = stage.browser().fetch(&format!("/{page}")).await;
            stranger.refuses(401, "unauthenticated", "Sign-in required");
        }
        let why = "in_a_tree::no";
        assert!(
            SEEN.lock()
                .unwrap()
                .iter()
                .any(|it| it.contains("the policy says no")),
            "{why}"
        );
    }

    #[tokio::test]
    async fn who_lacks_a_new_sign_in_alone_is_sent_to_sign_in() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        stage.pass(Duration::from_secs(310));
        for page in ["lately", "no_or_lately"] {
            let told = alice.fetch(&format!("/{page}")).await;
            told.refuses(401, "reauthentication_required", "Recent sign-in required");
            let sent = alice.open(&format!("/{page}")).await;
            let expected = format!("/api/auth/signin?returnTo=%2F{page}&max_age=300");
            assert_eq!(sent.location(), expected);
        }
        forbidden(&alice.open("/lately_and_no").await);
    }

    #[tokio::test]
    async fn it_takes_what_the_framework_gives_a_handler() {
        alike(async |peer, tale: &mut Tale| {
            let mut alice = peer.browser_of("alice").await;
            let mut bob = peer.browser_of("bob").await;
            for (document, alices, bobs) in [("1", 200, 403), ("3", 200, 503), ("4", 200, 200)] {
                let page = format!("/shared/{document}");
                for (browser, status) in [(&mut alice, alices), (&mut bob, bobs)] {
                    let answer = browser.fetch(&page).await;
                    assert_eq!(answer.status, status, "{document}");
                    tale.tell(&page, &answer);
                }
            }
            let stranger = peer.browser().fetch("/shared/4").await;
            stranger.refuses(401, "unauthenticated", "Sign-in required");
        })
        .await;
    }
}

#[tokio::test]
async fn a_policy_without_a_session_layer_lets_nobody_in() {
    let pages = Router::new().route("/documents/{id}", get(read));
    let stage = Stage::builder().pages(pages).without_layer().start().await;
    let answer = stage.browser().open("/documents/1").await;
    answer.refuses(500, "internal", "Authentication failed");
}
