//! What a guard and a path rule allocate, counted: one GET in process, beside the bare framework's.

#![allow(clippy::expect_used)]

use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use allocation_counter::measure;
use authsafe::testing::Testing;
use authsafe::{Auth, require_scope};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use futures_util::FutureExt as _;
use http::Request;
use http::header::COOKIE;
use tower_service::Service;

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    protect("/held" => scope("admin"))
)]
mod auth {}

#[require_scope("admin", routes = auth)]
async fn guarded() -> &'static str {
    "ok"
}

async fn open() -> &'static str {
    "ok"
}

/// The sign-in of an app, and the cookie of an administrator.
fn signed_in() -> (Auth, String) {
    let testing = Testing::new(auth::SPEC);
    let cookie = testing
        .sign_in_as("alice")
        .scopes(["openid", "admin"])
        .cookie();
    (testing.auth(), cookie.to_str().expect("text").to_owned())
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing here waits")
}

/// How many allocations one request takes, once the app has answered some.
fn of_each(mut ask: impl FnMut() -> u64) -> u64 {
    (0..10).map(|_| ask()).last().expect("a count")
}

fn on_axum(mut app: Router, path: &str, cookie: &str) -> u64 {
    of_each(|| {
        let request = Request::get(path)
            .header(COOKIE, cookie)
            .body(Body::empty());
        let (request, mut status) = (Some(request.expect("a request")), None);
        let mut request = request;
        let counted = measure(|| {
            let request = request.take().expect("one");
            status = now(app.call(request)).ok().map(|it| it.status());
        });
        assert_eq!(status.expect("an answer"), 200);
        counted.count_total
    })
}

async fn on_actix(auth: Option<Auth>, path: &str, cookie: &str) -> u64 {
    let pages = |app: &mut web::ServiceConfig| {
        app.route("/open", web::get().to(open))
            .route("/held", web::get().to(open))
            .route("/guarded", web::get().to(guarded));
    };
    let count = |ask: &dyn Fn(actix_http::Request) -> u16| {
        of_each(|| {
            let request = TestRequest::get()
                .uri(path)
                .insert_header((COOKIE.as_str(), cookie));
            let (mut request, mut status) = (Some(request.to_request()), 0);
            let counted = measure(|| status = ask(request.take().expect("one")));
            assert_eq!(status, 200);
            counted.count_total
        })
    };
    use actix_web::dev::Service as _;
    match auth {
        Some(auth) => {
            let app = init_service(App::new().configure(pages).wrap(auth.middleware())).await;
            count(&|request| now(app.call(request)).map_or(500, |it| it.status().as_u16()))
        }
        None => {
            let app = init_service(App::new().configure(pages)).await;
            count(&|request| now(app.call(request)).map_or(500, |it| it.status().as_u16()))
        }
    }
}

#[test]
fn a_guard_on_axum_allocates_no_more_than_it_did_and_a_path_rule_no_more_than_a_guard() {
    let (auth, cookie) = signed_in();
    let pages = || {
        Router::new()
            .route("/open", get(open))
            .route("/held", get(open))
            .route("/guarded", get(guarded))
    };
    let bare = on_axum(pages(), "/open", &cookie);
    let layer = on_axum(pages().layer(auth.layer()), "/open", &cookie);
    let guard = on_axum(pages().layer(auth.layer()), "/guarded", &cookie);
    assert!(layer <= bare + 6, "{layer} with the layer, {bare} without");
    assert!(guard <= bare + 9, "{guard} with the guard, {bare} without");
    let held = on_axum(pages().layer(auth.layer()), "/held", &cookie);
    assert!(
        held <= guard,
        "{held} with a path rule, {guard} with a guard"
    );
}

#[test]
fn a_guard_on_actix_web_allocates_no_more_than_it_did_and_a_path_rule_no_more_than_a_guard() {
    let (auth, cookie) = signed_in();
    actix_web::rt::System::new().block_on(async {
        let bare = on_actix(None, "/open", &cookie).await;
        let guard = on_actix(Some(auth.clone()), "/guarded", &cookie).await;
        assert!(guard <= bare + 7, "{guard} with the guard, {bare} without");
        let held = on_actix(Some(auth), "/held", &cookie).await;
        assert!(
            held <= guard,
            "{held} with a path rule, {guard} with a guard"
        );
    });
}
