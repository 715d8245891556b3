//! What a refresh takes away is gone: from the session, and from every copy of it that is older.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use authsafe::__private::{SpecParts, parts, spec};
use std::time::Duration;

use authsafe::store::Memory;
use authsafe::{Session, SessionData, Spec};
use authsafe_tests::peers::alike;
use authsafe_tests::{Browser, Refusing, Stage, app};
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

const REFRESH: &str = "/api/auth/refresh";
/// How long requests that were on the way have to come in.
const GRACE: Duration = Duration::from_secs(30);

type Claims = Map<String, Value>;
type Tamper = fn(&mut Claims);

/// What the provider says: in the ID token, in the access token, in the token endpoint's answer.
#[derive(Clone, Copy)]
struct Says {
    id: Tamper,
    access: Tamper,
    answer: Tamper,
    header: Tamper,
}

const AS_EVER: Says = Says {
    id: |_| {},
    access: |_| {},
    answer: |_| {},
    header: |_| {},
};

impl Says {
    fn on(self, stage: &Stage) {
        stage.provider.tamper_id_token(self.id);
        stage.provider.tamper_access_token(self.access);
        stage.provider.tamper_token_response(self.answer);
        stage.provider.tamper_access_token_header(self.header);
    }
}

fn set(claims: &mut Claims, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

/// Seconds after the token was made.
fn set_end(claims: &mut Claims, seconds: u64) {
    let end = claims["iat"].as_u64().unwrap() + seconds;
    set(claims, "session_expiry", end.into());
}

/// Makes the access token one that nobody here can read.
fn opaque(answer: &mut Claims) {
    set(answer, "access_token", "opaque".into());
    answer.remove("scope");
}

fn without_hash(id: &mut Claims) {
    id.remove("at_hash");
}

/// What becomes of the older state of a session after the refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Older {
    /// It is as good as before.
    Good,
    /// It is refused, since the refresh took something away.
    Refused,
}
use Older::{Good, Refused};

struct Row {
    what: &'static str,
    at_sign_in: Says,
    at_refresh: Says,
    /// A field of the session, and what it is after the refresh; a time, as seconds since sign-in.
    now: (&'static str, Value),
    older: Older,
}

#[allow(clippy::too_many_lines)] // A table.
fn rows() -> Vec<Row> {
    let row = |what, at_refresh, field, now, older| Row {
        what,
        at_sign_in: AS_EVER,
        at_refresh,
        now: (field, now),
        older,
    };
    let id = |id| Says { id, ..AS_EVER };
    let access = |access| Says { access, ..AS_EVER };
    let answer = |answer| Says { answer, ..AS_EVER };
    let all = json!(["openid", "profile", "email", "offline_access", "admin"]);
    let harmless = json!(["openid", "profile", "email", "offline_access"]);
    let silent = Says {
        access: |it| drop(it.remove("scope")),
        answer: |it| drop(it.remove("scope")),
        ..AS_EVER
    };
    let unreadable = Says {
        id: without_hash,
        answer: opaque,
        ..AS_EVER
    };
    let of_unknown_key = Says {
        header: |it| set(it, "kid", "of nobody".into()),
        answer: |it| drop(it.remove("scope")),
        ..AS_EVER
    };
    let opaque_with_roles = Says {
        id: |it| {
            without_hash(it);
            set(it, "roles", json!(["editor"]));
        },
        answer: |it| set(it, "access_token", "opaque".into()),
        ..AS_EVER
    };
    let still_opaque = Says {
        answer: opaque,
        ..opaque_with_roles
    };
    let alone = Says {
        answer: |it| {
            opaque(it);
            it.remove("id_token");
        },
        ..AS_EVER
    };
    let ends = Says {
        id: |it| set_end(it, 600),
        ..AS_EVER
    };
    let from = |at_sign_in, mut row: Row| {
        row.at_sign_in = at_sign_in;
        row
    };
    vec![
        row("nothing new", AS_EVER, "scopes", all.clone(), Good),
        // Scopes.
        row("no scope", silent, "scopes", harmless.clone(), Refused),
        row(
            "fewer scopes",
            access(|it| set(it, "scope", "openid".into())),
            "scopes",
            json!(["openid"]),
            Refused,
        ),
        row(
            "fewer scopes in the answer, none in the access token",
            Says {
                access: |it| drop(it.remove("scope")),
                answer: |it| set(it, "scope", "openid email".into()),
                ..AS_EVER
            },
            "scopes",
            json!(["openid", "email"]),
            Refused,
        ),
        row(
            "an empty scope",
            access(|it| set(it, "scope", "".into())),
            "scopes",
            json!([]),
            Refused,
        ),
        row(
            "more scopes",
            access(|it| {
                let scope = format!("{} more", it["scope"].as_str().unwrap());
                set(it, "scope", scope.into());
            }),
            "scopes",
            json!([
                "openid",
                "profile",
                "email",
                "offline_access",
                "admin",
                "more"
            ]),
            Good,
        ),
        // Roles and permissions.
        row(
            "no roles",
            access(|it| drop(it.remove("roles"))),
            "roles",
            json!([]),
            Refused,
        ),
        row(
            "another role",
            access(|it| set(it, "roles", json!(["editor"]))),
            "roles",
            json!(["editor"]),
            Refused,
        ),
        row(
            "more roles",
            access(|it| set(it, "roles", json!(["editor", "admin"]))),
            "roles",
            json!(["editor", "admin"]),
            Good,
        ),
        row(
            "no permissions",
            access(|it| drop(it.remove("permissions"))),
            "permissions",
            json!([]),
            Refused,
        ),
        row(
            "fewer permissions",
            access(|it| set(it, "permissions", json!(["users:read"]))),
            "permissions",
            json!(["users:read"]),
            Refused,
        ),
        // The organization.
        row(
            "no organization",
            Says {
                id: |it| drop(it.remove("org_id")),
                access: |it| drop(it.remove("org_id")),
                ..AS_EVER
            },
            "organizationId",
            Value::Null,
            Refused,
        ),
        row(
            "another organization",
            access(|it| set(it, "org_id", "org_other".into())),
            "organizationId",
            json!("org_other"),
            Refused,
        ),
        // An access token that was read at sign-in and cannot be now.
        row(
            "an opaque token: scopes",
            unreadable,
            "scopes",
            harmless.clone(),
            Refused,
        ),
        row(
            "an opaque token: roles",
            unreadable,
            "roles",
            json!([]),
            Refused,
        ),
        row(
            "an opaque token: permissions",
            unreadable,
            "permissions",
            json!([]),
            Refused,
        ),
        row(
            "an opaque token: organization",
            Says {
                id: |it| {
                    without_hash(it);
                    it.remove("org_id");
                },
                ..unreadable
            },
            "organizationId",
            Value::Null,
            Refused,
        ),
        row(
            "an unknown key: scopes",
            of_unknown_key,
            "scopes",
            harmless,
            Refused,
        ),
        row(
            "an unknown key: roles",
            of_unknown_key,
            "roles",
            json!([]),
            Refused,
        ),
        row(
            "nothing but an opaque token: roles",
            alone,
            "roles",
            json!([]),
            Refused,
        ),
        row(
            "nothing but an opaque token: organization",
            alone,
            "organizationId",
            Value::Null,
            Refused,
        ),
        // One that could not be read at sign-in either: what is not told is what it was.
        from(
            opaque_with_roles,
            row("opaque before: scopes", still_opaque, "scopes", all, Good),
        ),
        from(
            opaque_with_roles,
            row(
                "opaque before: roles",
                alone,
                "roles",
                json!(["editor"]),
                Good,
            ),
        ),
        from(
            opaque_with_roles,
            row(
                "opaque before, and no roles",
                unreadable,
                "roles",
                json!([]),
                Refused,
            ),
        ),
        // Who it is.
        row(
            "no email",
            id(|it| {
                it.remove("email");
                it.remove("email_verified");
            }),
            "email",
            json!("alice@example.com"),
            Good,
        ),
        row(
            "another email",
            id(|it| set(it, "email", "other@example.com".into())),
            "email",
            json!("other@example.com"),
            Refused,
        ),
        row(
            "an email that is not verified",
            id(|it| set(it, "email_verified", false.into())),
            "emailVerified",
            json!(false),
            Refused,
        ),
        from(
            id(|it| set(it, "email_verified", false.into())),
            row(
                "no email, which is verified",
                id(|it| drop(it.remove("email"))),
                "emailVerified",
                json!(false),
                Good,
            ),
        ),
        row(
            "no name",
            id(|it| drop(it.remove("name"))),
            "name",
            json!("Alice Admin"),
            Good,
        ),
        row(
            "another name",
            id(|it| set(it, "name", "Alice".into())),
            "name",
            json!("Alice"),
            Good,
        ),
        row(
            "a picture",
            id(|it| set(it, "picture", "https://x.example/".into())),
            "picture",
            json!("https://x.example/"),
            Good,
        ),
        row(
            "another spelling of the user",
            Says {
                id: |it| set(it, "sub", "alice".into()),
                access: |it| set(it, "sub", "alice".into()),
                ..AS_EVER
            },
            "userId",
            json!("authsafe|alice"),
            Good,
        ),
        row(
            "another session at the provider",
            id(|it| set(it, "sid", "other".into())),
            "userId",
            json!("authsafe|alice"),
            Refused,
        ),
        row(
            "no session at the provider",
            id(|it| drop(it.remove("sid"))),
            "userId",
            json!("authsafe|alice"),
            Good,
        ),
        row(
            "a newer sign-in",
            id(|it| set(it, "auth_time", json!(u32::MAX))),
            "userId",
            json!("authsafe|alice"),
            Good,
        ),
        // Until when.
        from(ends, row("no end", AS_EVER, "expiresAt", json!(600), Good)),
        from(
            ends,
            row("the same end", ends, "expiresAt", json!(600), Good),
        ),
        from(
            ends,
            row(
                "a later end",
                id(|it| set_end(it, 1800)),
                "expiresAt",
                json!(1800),
                Good,
            ),
        ),
        from(
            ends,
            row(
                "an end after all",
                id(|it| set_end(it, 9000)),
                "expiresAt",
                json!(3600),
                Good,
            ),
        ),
        row(
            "an end",
            id(|it| set_end(it, 600)),
            "expiresAt",
            json!(600),
            Refused,
        ),
        row(
            "a shorter access token",
            answer(|it| set(it, "expires_in", json!(300))),
            "accessTokenExpiresAt",
            json!(300),
            Good,
        ),
        row(
            "an access token without an end",
            answer(|it| drop(it.remove("expires_in"))),
            "accessTokenExpiresAt",
            json!(3600),
            Good,
        ),
    ]
}

/// AuthSafe, which spells a user in two ways.
static AUTHSAFES: Spec = spec(SpecParts {
    endpoints: authsafe::__private::Endpoints {
        authsafe: true,
        ..authsafe::__private::Endpoints::DEFAULT
    },
    ..*parts(app::auth::SPEC)
});

#[tokio::test]
async fn each_field_is_what_the_last_refresh_leaves_of_it() {
    let stage = Stage::builder().spec(&AUTHSAFES).start().await;
    for row in rows() {
        let what = row.what;
        row.at_sign_in.on(&stage);
        let mut alice = stage.browser_of("alice").await;
        let mut older = alice.clone();
        let signed_in = stage.clock.now();
        let before = older.session(&stage.auth).await.unwrap();
        row.at_refresh.on(&stage);
        // A token with an unknown key has the keys fetched, once in a while.
        stage.pass(Duration::from_secs(11));
        let answer = alice.post(REFRESH).await;
        assert_eq!(answer.status, 200, "{what}: {answer:#?}");

        let (field, expected) = row.now;
        let now = answer.json()[field].clone();
        match (expected.as_u64(), now.as_u64()) {
            (Some(seconds), Some(at)) => {
                let since = at - signed_in;
                assert!(since.abs_diff(seconds) < 60, "{what}: {since} s");
            }
            _ => assert_eq!(now, expected, "{what}"),
        }
        let after = alice.session(&stage.auth).await.unwrap();
        assert_eq!(after.auth_time(), before.auth_time(), "{what}");
        assert_eq!(after.id(), before.id(), "{what}");

        stage.pass(GRACE);
        let status = older.fetch("/me").await.status.as_u16();
        let expected = if row.older == Refused { 401 } else { 200 };
        assert_eq!(status, expected, "{what}: the older cookie");
        assert_eq!(alice.fetch("/me").await.status, 200, "{what}");
        stage.provider.stop_tampering();
    }
}

#[tokio::test]
async fn a_refresh_that_says_the_session_is_over_ends_it() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let mut older = alice.clone();
    stage.provider.tamper_id_token(|it| {
        let ended = it["iat"].as_u64().unwrap() - 60;
        set(it, "session_expiry", ended.into());
    });
    let answer = alice.post(REFRESH).await;
    answer.refuses(401, "session_ended", "Session ended");
    assert_eq!(older.fetch("/me").await.status, 401);
}

/// The provider takes the scope `admin` from whoever refreshes.
fn take_admin(stage: &Stage) {
    let less = |it: &mut Claims| set(it, "scope", "openid offline_access".into());
    stage.provider.tamper_access_token(less);
}

async fn admin_page(browser: &mut Browser) -> u16 {
    browser.fetch("/admin/dashboard").await.status.as_u16()
}

#[tokio::test]
async fn whatever_state_came_before_is_refused() {
    async fn count(data: SessionData, Path(n): Path<u8>) {
        data.set("n", &n).unwrap();
    }
    async fn counted(session: Session) -> String {
        format!("{:?}", session.get::<u8>("n"))
    }
    let pages = app::pages().route("/count/{n}", post(count));
    let pages: Router = pages.route("/counted", get(counted));
    let stage = Stage::builder().pages(pages).start().await;
    let mut alice = stage.browser_of("alice").await;
    let mut older = vec![alice.clone()];
    for n in 0..3 {
        alice.post(&format!("/count/{n}")).await;
        older.push(alice.clone());
        assert_eq!(alice.post(REFRESH).await.status, 200);
        older.push(alice.clone());
    }
    take_admin(&stage);
    assert_eq!(alice.post(REFRESH).await.status, 200);
    stage.pass(GRACE);
    // Later changes are no way back either.
    alice.post("/count/9").await;
    for older in &mut older {
        assert_eq!(admin_page(older).await, 401);
        assert_eq!(older.post("/count/7").await.status, 401);
        assert_eq!(older.post(REFRESH).await.status, 401);
        assert!(older.session(&stage.auth).await.is_none());
    }
    assert_eq!(admin_page(&mut alice).await, 403);
    assert_eq!(alice.fetch("/counted").await.body, "Some(9)");
}

#[tokio::test]
async fn who_was_on_the_way_gets_the_session_as_it_is_now() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let older = alice.clone();
    take_admin(&stage);
    assert_eq!(alice.post(REFRESH).await.status, 200);
    stage.pass(GRACE - Duration::from_secs(1));
    let asked = older.session(&stage.auth).await.unwrap();
    assert!(!asked.has_scope("admin"));
    let mut tab = older.clone();
    let answer = tab.fetch("/admin/dashboard").await;
    assert_eq!(answer.status, 403);
    assert!(answer.makes_a_session());
    stage.pass(GRACE);
    assert_eq!(tab.fetch("/me").await.status, 200);
    assert_eq!(older.clone().fetch("/me").await.status, 401);
}

#[tokio::test]
async fn a_second_refresh_gives_no_older_cookie_more_time() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let mut first = alice.clone();
    take_admin(&stage);
    assert_eq!(alice.post(REFRESH).await.status, 200);
    stage.pass(GRACE);
    stage
        .provider
        .tamper_access_token(|it| set(it, "scope", "openid".into()));
    assert_eq!(alice.post(REFRESH).await.status, 200);
    assert_eq!(first.fetch("/me").await.status, 401);
}

#[tokio::test]
async fn where_nothing_is_taken_away_a_late_tab_stays_signed_in() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let mut older = alice.clone();
    assert_eq!(alice.post(REFRESH).await.status, 200);
    stage.pass(2 * GRACE);
    assert_eq!(admin_page(&mut older).await, 200);
}

#[tokio::test]
async fn what_one_machine_takes_away_all_refuse() {
    let stage = Stage::new().await;
    let (state, mut machines) = (Memory::default(), Vec::new());
    for _ in 0..2 {
        machines.push(stage.again().await.with_shared_state(state.clone()));
    }
    let _ = stage.auth.clone().with_shared_state(state.clone());
    let mut alice = stage.browser_of("alice").await;
    let older = alice.clone();
    take_admin(&stage);
    assert_eq!(alice.post(REFRESH).await.status, 200);
    for auth in &machines {
        let late = older.session(auth).await.unwrap();
        assert!(!late.has_scope("admin"), "it is as it is now");
    }
    stage.pass(GRACE);
    for auth in &machines {
        assert!(older.session(auth).await.is_none());
        assert!(alice.session(auth).await.is_some());
    }
}

#[tokio::test]
async fn what_could_not_be_told_to_the_others_is_told_later() {
    let stage = Stage::new().await;
    let state = Refusing::new("floor:");
    let _ = stage.auth.clone().with_shared_state(state.clone());
    let other = stage.again().await.with_shared_state(state.memory.clone());
    let mut alice = stage.browser_of("alice").await;
    let older = alice.clone();
    take_admin(&stage);
    assert_eq!(alice.post(REFRESH).await.status, 200);
    stage.pass(GRACE);
    assert!(older.session(&other).await.is_some(), "nobody told it");
    state.refuses(false);
    for _ in 0..100 {
        if older.session(&other).await.is_none() {
            assert!(alice.session(&other).await.is_some());
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was never told");
}

#[tokio::test]
async fn a_session_that_is_too_large_to_be_renewed_takes_nothing_away() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    take_admin(&stage);
    let name = "x".repeat(20_000);
    stage
        .provider
        .tamper_id_token(move |it| set(it, "name", name.clone().into()));
    let answer = alice.post(REFRESH).await;
    answer.refuses(500, "session_too_large", "Authentication failed");
    stage.pass(GRACE);
    assert!(alice.session(&stage.auth).await.is_some());
}

#[tokio::test]
async fn the_story_is_the_same_on_axum_actix_and_hyper() {
    let told = alike(async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        let (mut late, mut later) = (alice.clone(), alice.clone());
        let less = |it: &mut Claims| set(it, "scope", "openid offline_access".into());
        peer.provider.tamper_access_token(less);
        tale.tell("refresh", &alice.post(REFRESH).await);
        tale.tell("now", &alice.fetch("/admin/dashboard").await);
        tale.tell("late", &late.fetch("/admin/dashboard").await);
        tale.tell("late again", &late.fetch("/dashboard").await);
        peer.pass(GRACE);
        tale.tell("older", &later.fetch("/admin/dashboard").await);
        tale.tell("older still", &later.fetch("/dashboard").await);
        tale.tell("older data", &later.post("/remember").await);
        tale.tell("signed in", &alice.fetch("/dashboard").await);
    })
    .await;
    for answer in [
        "now: 403",
        "late: 403",
        "late again: 200",
        "older: 401",
        "older still: 401",
        "older data: 401",
        "signed in: 200",
    ] {
        assert!(told.iter().any(|it| it.starts_with(answer)), "{told:#?}");
    }
}
