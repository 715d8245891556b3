//! Apps below a path: routers that are nested, scopes, proxies that cut the beginning of a path. Each story is
//! told on axum, actix-web and tower.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::sync::{LazyLock, Mutex};

use actix_web::body::MessageBody;
use actix_web::dev::{Service as _, ServiceRequest, ServiceResponse};
use actix_web::middleware::Condition;
use actix_web::{App, HttpResponse, web};
use authsafe::hooks::Event;
use authsafe::{
    Auth, Authorized, Decision, Error, Policy, Response, Session, SessionData, require,
    require_scope,
};
use authsafe_tests::{Logs, Stage};
use axum::Router;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use cookie::Cookie;
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use tower::{ServiceBuilder, ServiceExt as _};

static LOGS: LazyLock<Logs> = LazyLock::new(Logs::capture);

/// Tests that read the log say one thing after another.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    LazyLock::force(&LOGS);
    ONE_AT_A_TIME.lock().await
}

/// What the hooks of the app have seen.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn witness(event: &Event<'_>) {
    if let Event::Refused { path, error, .. } = event {
        saw(format!("event {path}: {}", error.code()));
    }
}

fn own(error: &Error, request: &Parts) -> Option<Response> {
    saw(format!("error {}: {}", request.uri, error.code()));
    None
}

fn saw(what: String) {
    SEEN.lock().unwrap().push(what);
}

fn seen() -> Vec<String> {
    std::mem::take(&mut *SEEN.lock().unwrap())
}

#[authsafe::routes(
    scopes("openid", "profile", "admin"),
    protect("/app/vault/**" => scope("admin")),
    on_event = witness,
    on_error = own,
)]
mod auth {}

#[authsafe::policy]
async fn never(_: &Session, request: &Parts) -> Decision {
    saw(format!("policy {}", request.uri));
    Decision::deny()
}

#[require_scope("admin")]
async fn admin() -> &'static str {
    "admin"
}

#[require(policy = never)]
async fn nobody() -> &'static str {
    "nobody"
}

async fn remember(data: SessionData) -> &'static str {
    data.set("color", &"green").unwrap();
    "remembered"
}

/// Between two layers: what is remembered on the way out.
async fn between_on_axum(request: axum::extract::Request, next: Next) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let data = SessionData::of(&parts).await;
    let answer = next.run(Request::from_parts(parts, body)).await;
    remember_on_the_way_out(data);
    answer
}

async fn between_on_actix(
    data: Result<SessionData, actix_web::Error>,
    request: ServiceRequest,
    next: actix_web::middleware::Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let answer = next.call(request).await;
    remember_on_the_way_out(data);
    answer
}

fn remember_on_the_way_out<E>(data: Result<SessionData, E>) {
    if let Ok(data) = data {
        data.set("shade", &"dark").unwrap();
    }
}

/// Where a test's app is below `/app`, and with what around it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Setup {
    /// The pages are in what is nested, the endpoints beside it.
    Pages,
    /// All of the app is.
    Everything,
    /// All of it is, and the layer too.
    WithTheLayer,
    /// Nothing is nested, and the layer is there twice.
    Twice,
}

struct Told {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Told {
    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn cookies(&self) -> usize {
        self.headers.get_all(header::SET_COOKIE).iter().count()
    }
}

async fn on_axum(auth: &Auth, setup: Setup, request: &Request<()>) -> Told {
    let pages = Router::new()
        .route("/admin", get(admin))
        .route("/nobody", get(nobody))
        .route("/remember", get(remember))
        .route("/vault", get(async || "in the vault"));
    let app: Router = match setup {
        Setup::Pages => Router::new()
            .nest("/app", pages)
            .merge(auth.router())
            .layer(auth.layer()),
        Setup::Everything => Router::new()
            .nest("/app", pages.merge(auth.router()))
            .layer(auth.layer()),
        Setup::WithTheLayer => {
            Router::new().nest("/app", pages.merge(auth.router()).layer(auth.layer()))
        }
        Setup::Twice => Router::new()
            .nest("/app", pages.layer(auth.layer()))
            .layer(from_fn(between_on_axum))
            .layer(auth.layer()),
    };
    let (parts, ()) = request.clone().into_parts();
    let request = Request::from_parts(parts, axum::body::Body::empty());
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    Told {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

async fn on_actix(auth: &Auth, setup: Setup, request: &Request<()>) -> Told {
    let pages = || {
        web::scope("/app")
            .route("/admin", web::get().to(admin))
            .route("/nobody", web::get().to(nobody))
            .route("/remember", web::get().to(remember))
            .route("/vault", web::get().to(async || "in the vault"))
    };
    let is = |these: &[Setup]| these.contains(&setup);
    let app = App::new()
        .configure(|app| {
            if setup == Setup::Pages {
                app.configure(auth.configure());
            }
            let pages = match is(&[Setup::Everything, Setup::WithTheLayer]) {
                true => pages().configure(auth.configure()),
                false => pages(),
            };
            let within = is(&[Setup::WithTheLayer, Setup::Twice]);
            app.service(pages.wrap(Condition::new(within, auth.middleware())));
        })
        .wrap(Condition::new(
            setup == Setup::Twice,
            actix_web::middleware::from_fn(between_on_actix),
        ))
        .wrap(Condition::new(
            setup != Setup::WithTheLayer,
            auth.middleware(),
        ));
    let app = actix_web::test::init_service(app).await;
    let mut asked = actix_web::test::TestRequest::get().uri(&request.uri().to_string());
    for (name, value) in request.headers() {
        asked = asked.insert_header((name.as_str(), value.to_str().unwrap()));
    }
    let answer = app.call(asked.to_request()).await;
    let answer: HttpResponse = match answer {
        Ok(answer) => answer.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers() {
        let name = header::HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
        headers.append(name, value.as_bytes().try_into().unwrap());
    }
    let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
    Told {
        status,
        headers,
        body,
    }
}

/// Cuts paths as routers do.
fn cut<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().to_string();
    if let Some(rest) = path.strip_prefix("/app") {
        *request.uri_mut() = rest.parse().unwrap();
    }
    request
}

async fn on_tower(auth: &Auth, setup: Setup, request: &Request<()>) -> Told {
    let handle = auth.clone();
    let pages = move |request: Request<Full<Bytes>>| {
        let auth = handle.clone();
        async move {
            let (parts, body) = request.into_parts();
            let scope = Policy::Scope(auth::scopes::ADMIN);
            let answer = match parts.uri.path() {
                "/admin" => Session::authorize(&parts, scope).await.map(drop),
                "/nobody" => Authorized::<never>::of(&parts).await.map(drop),
                "/remember" => match SessionData::of(&parts).await {
                    Ok(data) => {
                        remember(data).await;
                        Ok(())
                    }
                    Err(refusal) => Err(refusal),
                },
                "/vault" => Ok(()),
                _ => {
                    let request = Request::from_parts(parts, body);
                    return auth.service().oneshot(request).await;
                }
            };
            let answer = answer.map(|()| http::Response::new(Bytes::new()));
            Ok::<_, Infallible>(answer.unwrap_or_else(|refusal| refusal).map(Full::new))
        }
    };
    let (parts, ()) = request.clone().into_parts();
    let request = Request::from_parts(parts, Full::default());
    let pages = ServiceBuilder::new()
        .map_request(cut)
        .option_layer((setup == Setup::Twice).then(|| auth.layer()))
        .service_fn(pages);
    let between = |request: Request<Full<Bytes>>| {
        let (pages, endpoints) = (pages.clone(), auth.service());
        async move {
            let (parts, body) = request.into_parts();
            if setup == Setup::Pages && parts.uri.path().contains("/api/auth/") {
                let request = Request::from_parts(parts, body);
                return endpoints.oneshot(request).await;
            }
            if setup != Setup::Twice {
                return pages.oneshot(Request::from_parts(parts, body)).await;
            }
            let data = SessionData::of(&parts).await;
            let answer = pages.oneshot(Request::from_parts(parts, body)).await;
            remember_on_the_way_out(data);
            answer
        }
    };
    let app = ServiceBuilder::new()
        .layer(auth.layer())
        .service_fn(between);
    let answer = app.oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    Told {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

const FRAMEWORKS: [&str; 3] = ["axum", "actix-web", "tower"];

async fn ask(framework: &str, auth: &Auth, setup: Setup, request: &Request<()>) -> Told {
    match framework {
        "axum" => on_axum(auth, setup, request).await,
        "actix-web" => on_actix(auth, setup, request).await,
        _ => on_tower(auth, setup, request).await,
    }
}

fn page(path: &str, cookies: &str) -> Request<()> {
    let request = Request::get(path)
        .header("sec-fetch-mode", "navigate")
        .header("accept", "text/html")
        .header("cookie", cookies);
    request.body(()).unwrap()
}

async fn stage() -> Stage {
    Stage::builder().spec(auth::SPEC).start().await
}

/// The cookies of somebody who is signed in, as they are sent.
async fn cookies(stage: &Stage, user: &str) -> String {
    let browser = stage.browser_of(user).await;
    let request = browser.request(http::Method::GET, "/");
    // A browser in front of this process, which knows no port.
    let cookies = request.headers[header::COOKIE].to_str().unwrap();
    cookies.to_owned()
}

/// The session that an answer has written.
async fn session(stage: &Stage, answer: &Told) -> Session {
    let pair = set_cookies(answer).next().unwrap().stripped().to_string();
    let pair = pair.parse().unwrap();
    let headers = [(header::COOKIE, pair)].into_iter().collect();
    stage.auth.authenticate(&headers).await.unwrap().unwrap()
}

/// What was logged since, of that which has this in it.
fn lines<'l>(log: &'l str, has: &str) -> Vec<&'l str> {
    log.lines().filter(|line| line.contains(has)).collect()
}

#[tokio::test]
async fn hooks_and_policies_see_the_path_that_the_browser_asked_for() {
    let _alone = alone().await;
    let stage = stage().await;
    let bob = cookies(&stage, "bob").await;
    let before = LOGS.text().len();
    seen();
    for framework in FRAMEWORKS {
        let setup = Setup::Pages;
        let answer = ask(
            framework,
            &stage.auth,
            setup,
            &page("/app/nobody?a=1", &bob),
        )
        .await;
        assert_eq!(answer.status, 403, "{framework}");
        assert_eq!(
            seen(),
            [
                "policy /app/nobody?a=1",
                "event /app/nobody: forbidden",
                "error /app/nobody?a=1: forbidden"
            ],
            "{framework}"
        );
        let answer = ask(framework, &stage.auth, setup, &page("/app/admin", &bob)).await;
        assert_eq!(answer.status, 403, "{framework}");
        let expected = ["event /app/admin: forbidden", "error /app/admin: forbidden"];
        assert_eq!(seen(), expected, "{framework}");
        let answer = ask(framework, &stage.auth, setup, &page("/app/vault", &bob)).await;
        assert_eq!(answer.status, 403, "{framework}");
        let expected = ["event /app/vault: forbidden", "error /app/vault: forbidden"];
        assert_eq!(seen(), expected, "{framework}");
        let answer = ask(framework, &stage.auth, setup, &page("/app/admin?b=2", "")).await;
        let back = "/api/auth/signin?returnTo=%2Fapp%2Fadmin%3Fb%3D2";
        assert_eq!(answer.location(), back, "{framework}");
    }
    let log = LOGS.text();
    let refused = lines(&log[before..], "INFO authsafe::auth: refused");
    assert!(!refused.is_empty());
    for line in refused {
        assert!(line.contains("path=\"/app/"), "{line}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_nested_is_told_of_once_and_its_errors_have_the_path_that_was_asked_for()
 {
    let _alone = alone().await;
    for framework in FRAMEWORKS {
        let stage = stage().await;
        let before = LOGS.text().len();
        seen();
        for _ in 0..2 {
            let request = page("/app/api/auth/callback?error=x", "");
            let answer = ask(framework, &stage.auth, Setup::Everything, &request).await;
            assert!(answer.status.is_client_error(), "{framework}");
            assert_ne!(answer.status, 404, "{framework}");
            let seen = seen();
            let event = "event /app/api/auth/callback: ";
            assert!(seen[0].starts_with(event), "{framework}: {seen:?}");
            let error = "error /app/api/auth/callback?error=x: ";
            assert!(seen[1].starts_with(error), "{framework}: {seen:?}");
        }
        let log = LOGS.text();
        let told = lines(&log[before..], "an endpoint is nested below");
        assert_eq!(told.len(), 1, "{framework}: {told:#?}");
        for words in [
            "WARN",
            "asked=\"/app/api/auth/callback\"",
            "path=\"/api/auth/callback\"",
            "write `base_path = \"/app/api/auth\"`",
        ] {
            let told = told[0].to_lowercase();
            assert!(told.contains(&words.to_lowercase()), "{framework}: {told}");
        }
        // Sign-in goes on, for whatever is in front of the app may know better.
        let request = page("/app/api/auth/signin", "");
        let answer = ask(framework, &stage.auth, Setup::Everything, &request).await;
        assert_eq!(answer.status, 303, "{framework}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_where_the_attribute_says_is_no_news() {
    let _alone = alone().await;
    for framework in FRAMEWORKS {
        let stage = stage().await;
        let before = LOGS.text().len();
        for (setup, path, status) in [
            (Setup::Pages, "/nothing", 404),
            (Setup::Pages, "/api/auth/signin", 303),
            // Once one is found, nobody has forgotten them.
            (Setup::WithTheLayer, "/app/admin", 303),
        ] {
            let answer = ask(framework, &stage.auth, setup, &page(path, "")).await;
            assert_eq!(answer.status, status, "{framework} {path}");
        }
        if framework != "tower" {
            let request = page("/api/auth/signin", "");
            let answer = ask(framework, &stage.auth, Setup::Everything, &request).await;
            assert_eq!(answer.status, 404, "{framework}");
        }
        let log = LOGS.text();
        let told = lines(&log[before..], "base_path");
        assert!(told.is_empty(), "{framework}: {told:#?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_told_of_once() {
    let _alone = alone().await;
    for framework in ["axum", "actix-web"] {
        let stage = stage().await;
        let before = LOGS.text().len();
        for _ in 0..2 {
            let request = page("/api/auth/signin?returnTo=%2F", "");
            let answer = ask(framework, &stage.auth, Setup::Everything, &request).await;
            assert_eq!(answer.status, 404, "{framework}");
        }
        let log = LOGS.text();
        let told = lines(
            &log[before..],
            "has asked for an endpoint, and there is none",
        );
        assert_eq!(told.len(), 1, "{framework}: {told:#?}");
        assert!(told[0].contains("`.merge(auth.router())`"), "{}", told[0]);
    }
}

/// actix-web does not tell its middlewares.
#[tokio::test]
async fn a_layer_that_is_nested_on_axum_says_what_to_write_where_the_endpoints_are_too() {
    let _alone = alone().await;
    let stage = stage().await;
    let before = LOGS.text().len();
    for _ in 0..2 {
        let request = page("/app/admin", "");
        let answer = ask("axum", &stage.auth, Setup::WithTheLayer, &request).await;
        assert!(answer.location().starts_with("/api/auth/signin?"));
    }
    let log = LOGS.text();
    let told = lines(
        &log[before..],
        "the session layer is in a router that is nested",
    );
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("`base_path = \"/app/api/auth\"`"),
        "{}",
        told[0]
    );
    // Where the attribute has the path, all is well.
    let stage = Stage::builder().spec(below::auth::SPEC).start().await;
    let before = LOGS.text().len();
    let request = page("/app/remember", "");
    let answer = ask("axum", &stage.auth, Setup::WithTheLayer, &request).await;
    assert!(answer.location().starts_with("/app/api/auth/signin?"));
    let log = LOGS.text();
    assert!(lines(&log[before..], "that is nested").is_empty());
}

#[tokio::test]
async fn a_proxy_that_says_what_it_cut_off_is_told_of_once() {
    let _alone = alone().await;
    for framework in FRAMEWORKS {
        let stage = stage().await;
        let before = LOGS.text().len();
        for prefix in ["/", "/api", "/shop/", "/other"] {
            let mut request = page("/api/auth/signin", "");
            let headers = request.headers_mut();
            headers.insert("x-forwarded-prefix", prefix.parse().unwrap());
            let answer = ask(framework, &stage.auth, Setup::Pages, &request).await;
            assert_eq!(answer.status, 303, "{framework}");
        }
        let log = LOGS.text();
        let told = lines(&log[before..], "X-Forwarded-Prefix");
        assert_eq!(told.len(), 1, "{framework}: {told:#?}");
        let write = "write `base_path = \"/shop/api/auth\"`";
        assert!(told[0].contains(write), "{framework}: {}", told[0]);
    }
}

#[tokio::test]
async fn a_second_layer_is_told_of_and_the_session_is_opened_and_written_once() {
    let _alone = alone().await;
    for framework in FRAMEWORKS {
        let stage = stage().await;
        let alice = cookies(&stage, "alice").await;
        let before = LOGS.text().len();
        for path in ["/app/remember", "/app/vault"] {
            let request = page(path, &alice);
            let answer = ask(framework, &stage.auth, Setup::Twice, &request).await;
            assert_eq!(answer.status, 200, "{framework} {path}");
            assert_eq!(answer.cookies(), 1, "{framework} {path}");
            let session = session(&stage, &answer).await;
            let color = session.get::<String>("color");
            if path == "/app/remember" {
                assert_eq!(color.as_deref(), Some("green"), "{framework}");
            }
            let shade = session.get::<String>("shade");
            assert_eq!(shade.as_deref(), Some("dark"), "{framework} {path}");
        }
        // Rules hold at the one that is further out, and guards within.
        for path in ["/app/vault", "/app/admin", "/app/remember"] {
            let request = page(path, "");
            let answer = ask(framework, &stage.auth, Setup::Twice, &request).await;
            let back = format!("/api/auth/signin?returnTo={}", path.replace('/', "%2F"));
            assert_eq!(answer.location(), back, "{framework}");
        }
        let log = LOGS.text();
        let told = lines(&log[before..], "a second session layer of the same routes");
        assert_eq!(told.len(), 1, "{framework}: {told:#?}");
    }
}

mod answered {
    pub(super) fn own(visitor: &authsafe::hooks::SignedOut<'_>) -> authsafe::Response {
        super::saw(format!("signed out {}", visitor.request().uri));
        visitor.json()
    }

    #[authsafe::routes(scopes("openid", "admin"), unauthenticated = own)]
    pub(super) mod auth {}
}

#[tokio::test]
async fn what_answers_signed_out_visitors_sees_the_path_that_was_asked_for() {
    let _alone = alone().await;
    let stage = Stage::builder().spec(answered::auth::SPEC).start().await;
    seen();
    for framework in FRAMEWORKS {
        let request = page("/app/remember?a=1", "");
        let answer = ask(framework, &stage.auth, Setup::Pages, &request).await;
        assert_eq!(answer.status, 401, "{framework}");
        assert_eq!(seen(), ["signed out /app/remember?a=1"], "{framework}");
    }
}

/// A middleware within ours that has other paths for the endpoints.
#[tokio::test]
async fn an_endpoint_behind_a_rewrite_on_actix_web_tells_of_the_path_that_was_asked_for() {
    let _alone = alone().await;
    let stage = stage().await;
    let app = App::new()
        .configure(stage.auth.configure())
        .wrap_fn(|mut request, within| {
            let path = actix_web::http::Uri::from_static("/api/auth/callback?error=x");
            request.match_info_mut().get_mut().update(&path);
            request.head_mut().uri = path;
            within.call(request)
        })
        .wrap(stage.auth.middleware());
    let app = actix_web::test::init_service(app).await;
    seen();
    let request = actix_web::test::TestRequest::get().uri("/back?error=y");
    app.call(request.to_request()).await.unwrap();
    let seen = seen();
    assert!(seen[0].starts_with("event /back: "), "{seen:?}");
    assert!(seen[1].starts_with("error /back?error=x: "), "{seen:?}");
}

/// It decides of what the handler gets.
#[tokio::test]
async fn a_policy_sees_the_path_to_which_one_was_rewritten_on_actix_web() {
    let _alone = alone().await;
    let stage = stage().await;
    let bob = cookies(&stage, "bob").await;
    let app = App::new()
        .route("/app/nobody", web::get().to(nobody))
        .wrap(actix_web::middleware::NormalizePath::trim())
        .wrap(stage.auth.middleware());
    let app = actix_web::test::init_service(app).await;
    seen();
    let request = actix_web::test::TestRequest::get().uri("/app//nobody/?a=1");
    let request = request.insert_header(("cookie", bob)).to_request();
    let _ = app.call(request).await;
    let seen = seen();
    assert_eq!(seen[0], "policy /app/nobody?a=1", "{seen:?}");
    assert_eq!(seen[1], "event /app//nobody/: forbidden", "{seen:?}");
}

/// As the documentation of `routes` has it.
mod below {
    #[authsafe::routes(
        base_path = "/app/api/auth",
        scopes("openid", "profile", "admin"),
        landing(_ => "/app/dashboard"),
        after_logout = "/app",
        cookies(path = "/app"),
        protect("/app/vault/**" => scope("admin")),
    )]
    pub(super) mod auth {}
}

#[tokio::test]
async fn an_app_whose_paths_are_written_whole_is_below_a_path_in_all_that_it_says() {
    let _alone = alone().await;
    for framework in FRAMEWORKS {
        let stage = Stage::builder().spec(below::auth::SPEC).start().await;
        let before = LOGS.text().len();
        let ask = async |request: &Request<()>| {
            let setup = Setup::Pages;
            ask(framework, &stage.auth, setup, request).await
        };
        let sent = ask(&page("/app/vault?a=1", "")).await;
        let sign_in = "/app/api/auth/signin?returnTo=%2Fapp%2Fvault%3Fa%3D1";
        assert_eq!(sent.location(), sign_in, "{framework}");
        for (sign_in, landing) in [
            (sign_in, "/app/vault?a=1"),
            (below::auth::paths::SIGNIN, "/app/dashboard"),
        ] {
            let started = ask(&page(sign_in, "")).await;
            let redirect_uri = format!("{}/app/api/auth/callback", stage.url);
            let to = url::Url::parse(started.location()).unwrap();
            let named = to.query_pairs().find(|it| it.0 == "redirect_uri").unwrap();
            assert_eq!(named.1, redirect_uri, "{framework}");
            let transaction = set_cookies(&started).next().unwrap();
            assert_eq!(transaction.path(), Some("/app/api/auth"), "{framework}");
            let transaction = transaction.stripped().to_string();

            let chosen = format!("{to}&user=alice");
            let callback = stage.browser().open(&chosen).await.next();
            let callback = callback
                .as_str()
                .strip_prefix(&stage.url)
                .unwrap()
                .to_owned();
            let landed = ask(&page(&callback, &transaction)).await;
            assert_eq!(landed.location(), landing, "{framework}");
            let session = set_cookies(&landed).find(|it| it.name().starts_with("authsafe-"));
            let session = session.unwrap();
            assert_eq!(session.path(), Some("/app"), "{framework}");
        }
        let way = "<a href=\"/app\">Start page</a>";
        for path in ["/app/api/auth/logout", "/app/api/auth/callback"] {
            let built_in = ask(&page(path, "")).await;
            let text = String::from_utf8_lossy(&built_in.body);
            assert!(text.contains(way), "{framework}: {text}");
        }
        let told = LOGS.text();
        let told = lines(&told[before..], "write `base_path");
        assert!(told.is_empty(), "{framework}: {told:#?}");
    }
}

/// The cookies that an answer sets.
fn set_cookies(answer: &Told) -> impl Iterator<Item = Cookie<'_>> {
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    let cookies = cookies.map(|it| Cookie::parse(it.to_str().unwrap()).unwrap());
    cookies.filter(|it| !it.value().is_empty())
}
