//! What grows with what: a guarded GET on axum, of sessions and apps that have more and more; and how much memory
//! each thing takes that is remembered.
//!
//! `cargo bench -p authsafe-benches --bench growth`

#![allow(clippy::expect_used, clippy::print_stdout)]

use core::task::{Context, Poll, Waker};

use authsafe::testing::{SignedIn, Testing};
use authsafe::{Auth, Session, require_scope};
use authsafe_benches::{Case, compare, now, print, resident};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use http::{Request, StatusCode};
use tower_service::Service as _;

const ROUNDS: usize = 51;
const TIMES: usize = 500;

#[authsafe::routes(
    scopes("openid", "admin"),
    client_secret = none,
    bearer(audience = "https://api.example.com")
)]
mod auth {}

#[require_scope("admin", routes = auth)]
async fn guarded() -> &'static str {
    "ok"
}

/// Gives way once, so that others are on their way meanwhile.
#[require_scope("admin", routes = auth)]
async fn guarded_that_waits(session: Session) -> String {
    tokio::task::yield_now().await;
    session.user().id().to_owned()
}

fn app(auth: &Auth) -> Router {
    Router::new()
        .route("/guard", get(guarded))
        .route("/waits", get(guarded_that_waits))
        .layer(auth.layer())
}

fn main() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.build().expect("a runtime");
    scopes();
    sizes();
    runtime.block_on(async { in_parallel() });
    tokens();
    ended("sessions that were ended", |testing, at| {
        let jar = now(alice(testing, at).sign_in()).expect("a session");
        let headers = [(COOKIE, jar.cookie())].into_iter().collect();
        let session = now(testing.auth().authenticate(&headers)).expect("an answer");
        let id = session.expect("a session").id();
        let ended = runtime.block_on(testing.auth().revoke_session(id));
        ended.expect("its end");
    });
    ended("users that were signed out", |testing, at| {
        let user = format!("user-{at}");
        let ended = runtime.block_on(testing.auth().revoke_user(&user));
        ended.expect("their end");
    });
}

fn alice(testing: &Testing, at: usize) -> SignedIn<'_> {
    let alice = testing.sign_in_as(&format!("authsafe|alice-{at}"));
    alice
        .name("Alice")
        .email("alice@example.com")
        .scopes(["openid", "admin"])
}

fn scopes() {
    let testing = Testing::new(auth::SPEC);
    let with = |count: usize| {
        let others = (1..count).map(|at| format!("scope-{at:03}"));
        let scopes: Vec<String> = others.chain(["admin".to_owned()]).collect();
        let cookie = testing.sign_in_as("authsafe|alice").scopes(scopes).cookie();
        case(
            &format!("{count}, of which the last is asked for"),
            &testing,
            COOKIE,
            cookie,
        )
    };
    report("scopes of a session", [1, 10, 100].map(with));
}

fn sizes() {
    let testing = Testing::new(auth::SPEC);
    let with = |bytes: usize| {
        let data = "x".repeat(bytes * 3 / 4);
        let cookie = alice(&testing, 0).data("notes", &data).cookie();
        let name = format!("{:.1} KB of cookies", cookie.len() as f64 / 1024.0);
        case(&name, &testing, COOKIE, cookie)
    };
    report(
        "size of a session",
        [0, 1000, 2000, 4000, 8000, 13_000].map(with),
    );
}

fn in_parallel() {
    let testing = Testing::new(auth::SPEC);
    let cookie = alice(&testing, 0).cookie();
    let with = |count: usize| {
        let app = app(&testing.auth());
        let prepare = {
            let cookie = cookie.clone();
            move || {
                (
                    app.clone(),
                    (0..count)
                        .map(|_| request("/waits", COOKIE, &cookie))
                        .collect::<Vec<_>>(),
                )
            }
        };
        let act = |(mut app, requests): (Router, Vec<Request<Body>>)| {
            let mut under_way: Vec<_> = requests
                .into_iter()
                .map(|it| Box::pin(app.call(it)))
                .collect();
            let mut cx = Context::from_waker(Waker::noop());
            while !under_way.is_empty() {
                under_way.retain_mut(|it| match it.as_mut().poll(&mut cx) {
                    Poll::Ready(answer) => {
                        assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
                        false
                    }
                    Poll::Pending => true,
                });
            }
        };
        Case::new(format!("{count} at a time"), prepare, act).of(count)
    };
    let mut cases = [1, 10, 100, 1000].map(with);
    let took = compare(&mut cases, ROUNDS, 5);
    print("requests under way, each", &cases, &took);
}

fn tokens() {
    let testing = Testing::new(auth::SPEC);
    let mut cases = Vec::new();
    let mut signed_in = 0;
    for count in [10, 100, 1000, 10_000] {
        let tokens: Vec<_> = (signed_in..count)
            .map(|at| alice(&testing, at).bearer())
            .collect();
        signed_in = count;
        let token = tokens.last().expect("a token").clone();
        cases.push(case(
            &format!("the last of {count}"),
            &testing,
            AUTHORIZATION,
            token,
        ));
    }
    report("access tokens that were seen", cases);
}

/// Each has an app of its own, in which so many have ended. The memory is of what the last one has more than the one
/// before.
fn ended(title: &str, end: impl Fn(&Testing, usize)) {
    let counts = [0, 10, 1000, 100_000, 1_000_000];
    let mut cases = Vec::new();
    for count in counts {
        let testing = Testing::new(auth::SPEC);
        let cookie = alice(&testing, usize::MAX).cookie();
        let before = resident();
        (0..count).for_each(|at| end(&testing, at));
        let bytes = resident().saturating_sub(before);
        if count == 1_000_000 {
            println!(
                "\n{title}: {:.0} bytes each, of {count}",
                bytes as f64 / count as f64
            );
        }
        cases.push(case(&format!("{count}"), &testing, COOKIE, cookie));
    }
    report(title, cases);
}

fn report(title: &str, cases: impl IntoIterator<Item = Case<'static>>) {
    let mut cases: Vec<_> = cases.into_iter().collect();
    let took = compare(&mut cases, ROUNDS, TIMES);
    print(title, &cases, &took);
}

/// A guarded GET, which refuses whoever shows nothing.
fn case(name: &str, testing: &Testing, shows: HeaderName, what: HeaderValue) -> Case<'static> {
    let app = app(&testing.auth());
    let nothing = Request::get("/guard")
        .body(Body::empty())
        .expect("a request");
    let refused = now(app.clone().call(nothing)).expect("an answer");
    assert_ne!(refused.status(), StatusCode::OK);
    Case::new(
        name,
        move || (app.clone(), request("/guard", shows.clone(), &what)),
        |(mut app, request)| {
            let answer = now(app.call(request)).expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK);
            answer
        },
    )
}

fn request(path: &str, shows: HeaderName, what: &HeaderValue) -> Request<Body> {
    let request = Request::get(path).header(shows, what);
    request.body(Body::empty()).expect("a request")
}
