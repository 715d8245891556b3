//! One app, two sign-ins: a shop for customers, and its staff. Each guard asks its own.
//!
//! Each story is told on axum, actix-web and tower.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::sync::LazyLock;

use actix_web::middleware::Condition;
use actix_web::{App, HttpResponse, web};
use authsafe::{
    Auth, Authorized, Of, Policy, Session, SessionData, Visitor, require, require_auth,
    require_recent, require_scope,
};
use authsafe_tests::{Logs, Stage};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::request::Parts;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use tower::{ServiceBuilder, ServiceExt as _};

mod shop {
    #[authsafe::routes(
        scopes("openid", "profile", "admin"),
        cookies(name = "shop"),
        protect("/shop/**" => scope("admin")),
        unauthenticated = "json",
    )]
    pub(crate) mod auth {}
}

mod staff {
    #[authsafe::routes(
        scopes("openid", "profile", "admin"),
        cookies(name = "staff"),
        protect("/staff/**" => scope("admin")),
        unauthenticated = "json",
    )]
    pub(crate) mod auth {}
}

/// With the same cookies, and with others.
mod twins {
    #[authsafe::routes]
    pub(crate) mod one {}

    #[authsafe::routes]
    pub(crate) mod two {}

    #[authsafe::routes(cookies(name = "authsafe.tx.beside"))]
    pub(crate) mod beside {}

    #[authsafe::routes(cookies(name = "authsafe2"))]
    pub(crate) mod other {}
}

static LOGS: LazyLock<Logs> = LazyLock::new(Logs::capture);

/// The cookies tell who it is: Alice is an admin wherever she signs in, and Bob nowhere.
struct Stages {
    shop: Stage,
    staff: Stage,
}

impl Stages {
    async fn new() -> Self {
        LazyLock::force(&LOGS);
        Self {
            shop: Stage::builder().spec(shop::auth::SPEC).start().await,
            staff: Stage::builder().spec(staff::auth::SPEC).start().await,
        }
    }

    async fn customer(&self, user: &str) -> String {
        cookie(&self.shop, user, "shop").await
    }

    async fn colleague(&self, user: &str) -> String {
        cookie(&self.staff, user, "staff").await
    }

    /// Somebody who is signed in as a customer and as one of the staff.
    async fn both(&self, customer: &str, colleague: &str) -> String {
        let customer = self.customer(customer).await;
        format!("{customer}; {}", self.colleague(colleague).await)
    }

    /// The layers around the handlers, the innermost first.
    fn around(&self, order: Order) -> Vec<Auth> {
        let (shop, staff) = (self.shop.auth.clone(), self.staff.auth.clone());
        match order {
            Order::ShopInside => vec![shop, staff],
            Order::StaffInside => vec![staff, shop],
            Order::ShopAlone => vec![shop],
        }
    }
}

async fn cookie(stage: &Stage, user: &str, name: &str) -> String {
    let mut browser = stage.browser();
    browser.sign_in(user, None).await;
    let (_, port) = stage.url.rsplit_once(':').unwrap();
    let name = format!("{name}-{port}");
    format!("{name}={}", browser.cookie(&name).unwrap())
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    ShopInside,
    StaffInside,
    ShopAlone,
}

const BOTH: [Order; 2] = [Order::ShopInside, Order::StaffInside];

// The handlers of axum and of actix-web are the same functions.

#[require_scope("admin", routes = crate::staff::auth)]
async fn refund(session: Session) -> String {
    format!("refunded by {}", session.user().id())
}

#[require_scope("admin", routes = any)]
async fn any(session: Session) -> String {
    format!("admin {}", session.user().id())
}

#[require_auth(routes = staff::auth)]
async fn room() -> &'static str {
    "the staff's room"
}

/// The guard above does not say whose session it asks for: that of the one below.
#[require_recent(max_age = "5m")]
#[require_scope("profile", routes = staff::auth)]
async fn recent(Visitor(session): Visitor) -> String {
    format!("recently {}", session.unwrap().user().id())
}

#[authsafe::policy]
async fn is_bob(session: &Session, _: &Parts) -> bool {
    session.user().id() == "authsafe|bob"
}

#[require(policy = is_bob)]
#[require_auth(routes = staff::auth)]
async fn bobs(session: Session) -> String {
    format!("of {}", session.user().id())
}

#[authsafe::policy(scope("admin"), routes = staff::auth)]
struct StaffAdmin;

#[authsafe::policy(routes = staff::auth)]
async fn staffs_bob(session: &Session, request: &Parts) -> bool {
    is_bob(session, request).await
}

#[require(policy = staffs_bob)]
async fn staffs() -> &'static str {
    "staff's Bob"
}

async fn witnessed(admin: Authorized<StaffAdmin>, session: Session) -> String {
    assert_eq!(admin.session().id(), session.id());
    format!("witnessed {}", session.user().id())
}

async fn plain(session: Session) -> String {
    session.user().id().to_owned()
}

async fn names(
    shop: Of<Session, shop::auth::Routes>,
    staff: Of<Visitor, staff::auth::Routes>,
) -> String {
    let staff = staff.into_inner().0;
    let staff = staff.map(|it| it.user().id().to_owned());
    format!("{} and {staff:?}", shop.user().id())
}

async fn remember(data: Of<SessionData, staff::auth::Routes>) -> &'static str {
    data.set("color", &"green").unwrap();
    "remembered"
}

#[require_auth(routes = staff::auth)]
async fn remember_plain(data: SessionData) -> &'static str {
    data.set("color", &"red").unwrap();
    "remembered"
}

async fn open() -> &'static str {
    "no guard"
}

/// Says nothing of whose session it asks for, and neither does what stands beside it.
#[require_auth]
async fn innermost(session: Session) -> String {
    format!("innermost {}", session.user().id())
}

#[require(policy = is_bob)]
async fn innermost_bob(Visitor(session): Visitor) -> String {
    format!("innermost {}", session.unwrap().user().id())
}

/// A policy says whose, and the guard below it nothing.
#[require(policy = staffs_bob)]
#[require_auth]
async fn bob_first(session: Session) -> String {
    format!("Bob first {}", session.user().id())
}

/// A policy that says nothing, and then two that name different sign-ins.
#[require(policy = is_bob)]
#[require_auth(routes = staff::auth)]
#[require_auth(routes = shop::auth)]
async fn first_of_three(session: Session) -> String {
    format!("first {}", session.user().id())
}

/// Of guards the first that names one; `any` stands for itself.
#[require_auth(routes = any)]
#[require_auth(routes = staff::auth)]
#[require_recent(max_age = "5m")]
async fn behind_any(session: Session) -> String {
    format!("behind any {}", session.user().id())
}

/// A middleware's guard and its session are of the customers, and what is behind it is not.
#[require_auth(routes = shop::auth)]
async fn customers_on_axum(
    session: Session,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    assert_eq!(session.user().id(), "authsafe|alice");
    next.run(request).await
}

#[require_auth(routes = shop::auth)]
async fn customers_on_actix(
    session: Session,
    request: actix_web::dev::ServiceRequest,
    next: actix_web::middleware::Next<impl actix_web::body::MessageBody>,
) -> Result<actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>, actix_web::Error> {
    assert_eq!(session.user().id(), "authsafe|alice");
    next.call(request).await
}

/// On axum and actix-web, behind a middleware for customers within both layers.
async fn ask_behind_customers(around: &[Auth], path: &str, cookies: &str) -> Told {
    let app = Router::new()
        .route("/innermost", get(innermost))
        .route("/innermost-bob", get(innermost_bob))
        .route("/plain", get(plain))
        .route("/room", get(room))
        .layer(axum::middleware::from_fn(customers_on_axum));
    let axum = ask_router(app, around, path, cookies).await;

    let app = App::new()
        .route("/innermost", web::get().to(innermost))
        .route("/innermost-bob", web::get().to(innermost_bob))
        .route("/plain", web::get().to(plain))
        .route("/room", web::get().to(room))
        .wrap(actix_web::middleware::from_fn(customers_on_actix))
        .wrap(around[0].middleware())
        .wrap(around[1].middleware());
    let app = actix_web::test::init_service(app).await;
    let request = actix_web::test::TestRequest::get().uri(path);
    let request = request.insert_header(("cookie", cookies)).to_request();
    let answer = actix_web::test::try_call_service(&app, request).await;
    let actix = read_actix(answer).await;
    assert_eq!(
        (axum.status, &axum.body),
        (actix.status, &actix.body),
        "{path}"
    );
    axum
}

#[tokio::test]
async fn a_middlewares_guard_does_not_speak_for_the_handler() {
    let stages = Stages::new().await;
    let customer = stages.customer("alice").await;
    let both = format!("{customer}; {}", stages.colleague("bob").await);
    let staff_inside = stages.around(Order::StaffInside);
    for path in ["/innermost", "/innermost-bob", "/plain", "/room"] {
        let told = ask_behind_customers(&staff_inside, path, &customer).await;
        assert_eq!(told.status, 401, "{path}: {told:?}");
    }
    for (path, body) in [
        ("/innermost", "innermost authsafe|bob"),
        ("/innermost-bob", "innermost authsafe|bob"),
        ("/plain", "authsafe|bob"),
        ("/room", "the staff's room"),
    ] {
        let told = ask_behind_customers(&staff_inside, path, &both).await;
        lets_in(&told, body);
        // Of both, the middleware lets in customers alone.
        let colleague = stages.colleague("bob").await;
        let told = ask_behind_customers(&staff_inside, path, &colleague).await;
        assert_eq!(told.status, 401, "{path}");
    }
}

/// A middleware without a guard, whose argument names the staff.
async fn for_staff_on_axum(
    _: Authorized<StaffAdmin>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    next.run(request).await
}

async fn for_staff_on_actix(
    _: Authorized<StaffAdmin>,
    request: actix_web::dev::ServiceRequest,
    next: actix_web::middleware::Next<impl actix_web::body::MessageBody>,
) -> Result<actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>, actix_web::Error> {
    next.call(request).await
}

#[tokio::test]
async fn what_a_middlewares_argument_named_counts_for_no_handler_with_a_guard() {
    let stages = Stages::new().await;
    let customer = stages.customer("bob").await;
    let cookies = format!("{customer}; {}", stages.colleague("alice").await);
    let around = stages.around(Order::ShopInside);
    let app = Router::new()
        .route("/innermost", get(innermost))
        .layer(axum::middleware::from_fn(for_staff_on_axum));
    let answer = ask_router(app, &around, "/innermost", &cookies).await;
    lets_in(&answer, "innermost authsafe|bob");

    let app = App::new()
        .route("/innermost", web::get().to(innermost))
        .wrap(actix_web::middleware::from_fn(for_staff_on_actix))
        .wrap(around[0].middleware())
        .wrap(around[1].middleware());
    let app = actix_web::test::init_service(app).await;
    let request = actix_web::test::TestRequest::get().uri("/innermost");
    let request = request.insert_header(("cookie", cookies)).to_request();
    let body = actix_web::test::call_and_read_body(&app, request).await;
    assert_eq!(body, "innermost authsafe|bob");
}

#[tokio::test]
async fn of_several_guards_the_first_that_names_a_sign_in_speaks_for_all() {
    let stages = Stages::new().await;
    let customer = stages.customer("bob").await;
    let both = format!("{customer}; {}", stages.colleague("bob").await);
    let alice = format!("{customer}; {}", stages.colleague("alice").await);
    for order in BOTH {
        for path in ["/bob-first", "/first-of-three"] {
            assert_eq!(
                ask(&stages, order, path, &customer).await.status,
                401,
                "{path}"
            );
            assert_eq!(
                ask(&stages, order, path, &alice).await.status,
                403,
                "{path}"
            );
        }
        let told = ask(&stages, order, "/bob-first", &both).await;
        lets_in(&told, "Bob first authsafe|bob");
        let told = ask(&stages, order, "/first-of-three", &both).await;
        lets_in(&told, "first authsafe|bob");
        let told = ask(&stages, order, "/behind-any", &alice).await;
        lets_in(&told, "behind any authsafe|alice");
    }
}

/// What the three answer alike.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    status: u16,
    body: String,
    /// The names of the cookies that it sets.
    sets: Vec<String>,
}

fn told(status: u16, headers: &[String], body: &[u8]) -> Told {
    let names = headers
        .iter()
        .map(|it| it.split('=').next().unwrap().to_owned());
    let body = String::from_utf8(body.to_vec()).unwrap();
    let sets = names.collect();
    Told { status, body, sets }
}

async fn on_axum(around: &[Auth], path: &str, cookies: &str) -> Told {
    let app = Router::new()
        .route("/refund", get(refund))
        .route("/any", get(any))
        .route("/room", get(room))
        .route("/recent", get(recent))
        .route("/bobs", get(bobs))
        .route("/staffs", get(staffs))
        .route("/witnessed", get(witnessed))
        .route("/plain", get(plain))
        .route("/bob-first", get(bob_first))
        .route("/first-of-three", get(first_of_three))
        .route("/behind-any", get(behind_any))
        .route("/names", get(names))
        .route("/remember", get(remember))
        .route("/remember-plain", get(remember_plain))
        .route("/shop/page", get(open))
        .route("/staff/page", get(open));
    ask_router(app, around, path, cookies).await
}

async fn ask_router(mut app: Router, around: &[Auth], path: &str, cookies: &str) -> Told {
    for auth in around {
        app = app.layer(auth.layer());
    }
    let request = Request::get(path).header(header::COOKIE, cookies);
    let answer = app.oneshot(request.body(Body::empty()).unwrap()).await;
    read(answer.unwrap()).await
}

async fn read<B: hyper::body::Body<Error: std::fmt::Debug>>(answer: http::Response<B>) -> Told {
    let (parts, body) = answer.into_parts();
    let set = parts.headers.get_all(header::SET_COOKIE).iter();
    let set: Vec<_> = set.map(|it| it.to_str().unwrap().to_owned()).collect();
    let body = body.collect().await.unwrap().to_bytes();
    told(parts.status.as_u16(), &set, &body)
}

async fn on_actix(around: &[Auth], path: &str, cookies: &str) -> Told {
    let (inner, outer) = (&around[0], around.get(1));
    let app = App::new()
        .route("/refund", web::get().to(refund))
        .route("/any", web::get().to(any))
        .route("/room", web::get().to(room))
        .route("/recent", web::get().to(recent))
        .route("/bobs", web::get().to(bobs))
        .route("/staffs", web::get().to(staffs))
        .route("/witnessed", web::get().to(witnessed))
        .route("/plain", web::get().to(plain))
        .route("/bob-first", web::get().to(bob_first))
        .route("/first-of-three", web::get().to(first_of_three))
        .route("/behind-any", web::get().to(behind_any))
        .route("/names", web::get().to(names))
        .route("/remember", web::get().to(remember))
        .route("/remember-plain", web::get().to(remember_plain))
        .route("/shop/page", web::get().to(open))
        .route("/staff/page", web::get().to(open))
        .wrap(inner.middleware())
        .wrap(Condition::new(
            outer.is_some(),
            outer.unwrap_or(inner).middleware(),
        ));
    let app = actix_web::test::init_service(app).await;
    let request = actix_web::test::TestRequest::get().uri(path);
    let request = request.insert_header(("cookie", cookies)).to_request();
    read_actix(actix_web::test::try_call_service(&app, request).await).await
}

async fn read_actix<B: actix_web::body::MessageBody + 'static>(
    answer: Result<actix_web::dev::ServiceResponse<B>, actix_web::Error>,
) -> Told {
    let answer = match answer {
        Ok(answer) => HttpResponse::from(answer.map_into_boxed_body()),
        Err(error) => error.error_response(),
    };
    let set = answer.headers().get_all("set-cookie");
    let set: Vec<_> = set.map(|it| it.to_str().unwrap().to_owned()).collect();
    let status = answer.status().as_u16();
    let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
    told(status, &set, &body)
}

async fn on_tower(around: &[Auth], path: &str, cookies: &str) -> Told {
    let app = ServiceBuilder::new()
        .option_layer(around.get(1).map(Auth::layer))
        .layer(around[0].layer())
        .service_fn(|request: Request<Body>| async move {
            let (parts, _) = request.into_parts();
            let answer = answer(&parts).await;
            let answer = answer.map(|text| http::Response::new(Bytes::from(text)));
            Ok::<_, Infallible>(answer.unwrap_or_else(|it| it).map(Full::new))
        });
    let request = Request::get(path).header(header::COOKIE, cookies);
    let answer = app.oneshot(request.body(Body::empty()).unwrap()).await;
    read(answer.unwrap()).await
}

/// The same without extractors.
async fn answer(request: &Parts) -> Result<String, authsafe::Response> {
    const ADMIN: Policy = Policy::Scope("admin");
    type Staff = staff::auth::Routes;
    let id = |session: &Session| session.user().id().to_owned();
    Ok(match request.uri.path() {
        "/refund" => {
            let session = Of::<Session, Staff>::authorize(request, ADMIN).await?;
            format!("refunded by {}", id(&session))
        }
        "/any" => format!("admin {}", id(&Session::authorize(request, ADMIN).await?)),
        "/room" => {
            Of::<Session, Staff>::authorize(request, Policy::SignedIn).await?;
            "the staff's room".to_owned()
        }
        "/recent" => {
            Of::<Session, Staff>::authorize(request, Policy::Recent(300)).await?;
            let session =
                Of::<Session, Staff>::authorize(request, Policy::Scope("profile")).await?;
            format!("recently {}", id(&session))
        }
        "/bobs" => {
            let session = Of::<Authorized<is_bob>, Staff>::of(request).await?;
            format!("of {}", id(session.session()))
        }
        "/staffs" => {
            let _ = Authorized::<staffs_bob>::of(request).await?;
            "staff's Bob".to_owned()
        }
        "/witnessed" => {
            let admin = Authorized::<StaffAdmin>::of(request).await?;
            format!("witnessed {}", id(admin.session()))
        }
        "/bob-first" => {
            let session = Authorized::<staffs_bob>::of(request).await?;
            format!("Bob first {}", id(session.session()))
        }
        "/first-of-three" => {
            let session = Of::<Authorized<is_bob>, Staff>::of(request).await?;
            Of::<Session, shop::auth::Routes>::authorize(request, Policy::SignedIn).await?;
            format!("first {}", id(session.session()))
        }
        "/behind-any" => {
            Session::authorize(request, Policy::SignedIn).await?;
            let session = Of::<Session, Staff>::authorize(request, Policy::Recent(300)).await?;
            format!("behind any {}", id(&session))
        }
        "/plain" => id(&Session::authorize(request, Policy::SignedIn).await?),
        "/names" => {
            let shop = Of::<Session, shop::auth::Routes>::of(request).await?;
            let Visitor(staff) = Of::<Visitor, Staff>::of(request).await?.into_inner();
            let staff = staff.as_ref().map(id);
            format!("{} and {staff:?}", id(&shop))
        }
        "/remember" | "/remember-plain" => {
            let data = Of::<SessionData, Staff>::of(request).await?;
            data.set("color", &"green").unwrap();
            "remembered".to_owned()
        }
        _ => "no guard".to_owned(),
    })
}

/// The same answer on all three.
async fn ask(stages: &Stages, order: Order, path: &str, cookies: &str) -> Told {
    let around = stages.around(order);
    let axum = on_axum(&around, path, cookies).await;
    let what = format!("{path} {order:?}");
    let actix = on_actix(&around, path, cookies).await;
    assert_eq!(axum, actix, "actix-web: {what}");
    let tower = on_tower(&around, path, cookies).await;
    assert_eq!(axum, tower, "tower: {what}");
    axum
}

#[track_caller]
fn lets_in(told: &Told, body: &str) {
    assert_eq!((told.status, told.body.as_str()), (200, body), "{told:?}");
}

#[tokio::test]
async fn a_guard_asks_the_session_of_its_own_routes_whichever_layer_is_inside() {
    let stages = Stages::new().await;
    let customer = stages.customer("alice").await;
    let both = format!("{customer}; {}", stages.colleague("bob").await);
    let chief = stages.both("bob", "alice").await;
    for order in BOTH {
        // She is an admin of the shop, and nobody of the staff.
        assert_eq!(ask(&stages, order, "/refund", &customer).await.status, 401);
        assert_eq!(ask(&stages, order, "/room", &customer).await.status, 401);
        assert_eq!(ask(&stages, order, "/recent", &customer).await.status, 401);
        // She is of the staff too, and no admin there.
        assert_eq!(ask(&stages, order, "/refund", &both).await.status, 403);
        lets_in(
            &ask(&stages, order, "/room", &both).await,
            "the staff's room",
        );
        lets_in(
            &ask(&stages, order, "/refund", &chief).await,
            "refunded by authsafe|alice",
        );
    }
}

#[tokio::test]
async fn what_says_nothing_is_of_the_guard_beside_it() {
    let stages = Stages::new().await;
    let colleague = stages.colleague("bob").await;
    let both = format!("{}; {colleague}", stages.customer("alice").await);
    let swapped = stages.both("bob", "alice").await;
    for order in BOTH {
        let recent = ask(&stages, order, "/recent", &both).await;
        lets_in(&recent, "recently authsafe|bob");
        // Nobody has to be a customer for it.
        let recent = ask(&stages, order, "/recent", &colleague).await;
        lets_in(&recent, "recently authsafe|bob");
        lets_in(
            &ask(&stages, order, "/bobs", &both).await,
            "of authsafe|bob",
        );
        assert_eq!(ask(&stages, order, "/bobs", &swapped).await.status, 403);
    }
}

#[tokio::test]
async fn a_policy_says_whose_session_it_decides_about() {
    let stages = Stages::new().await;
    let customer = stages.customer("alice").await;
    let bobs = format!("{customer}; {}", stages.colleague("bob").await);
    let alices = stages.colleague("alice").await;
    for order in BOTH {
        assert_eq!(
            ask(&stages, order, "/witnessed", &customer).await.status,
            401
        );
        assert_eq!(ask(&stages, order, "/witnessed", &bobs).await.status, 403);
        let witnessed = ask(&stages, order, "/witnessed", &alices).await;
        lets_in(&witnessed, "witnessed authsafe|alice");
        lets_in(&ask(&stages, order, "/staffs", &bobs).await, "staff's Bob");
        assert_eq!(ask(&stages, order, "/staffs", &alices).await.status, 403);
    }
}

#[tokio::test]
async fn any_routes_and_a_plain_session_are_those_of_the_innermost_layer() {
    let stages = Stages::new().await;
    let both = stages.both("alice", "bob").await;
    let any = ask(&stages, Order::ShopInside, "/any", &both).await;
    lets_in(&any, "admin authsafe|alice");
    assert_eq!(
        ask(&stages, Order::StaffInside, "/any", &both).await.status,
        403
    );
    let plain = ask(&stages, Order::ShopInside, "/plain", &both).await;
    lets_in(&plain, "authsafe|alice");
    let plain = ask(&stages, Order::StaffInside, "/plain", &both).await;
    lets_in(&plain, "authsafe|bob");
}

#[tokio::test]
async fn a_handler_says_whose_session_it_wants() {
    let stages = Stages::new().await;
    let customer = stages.customer("alice").await;
    let colleague = stages.colleague("bob").await;
    let both = format!("{customer}; {colleague}");
    for order in BOTH {
        let names = ask(&stages, order, "/names", &both).await;
        lets_in(&names, "authsafe|alice and Some(\"authsafe|bob\")");
        let names = ask(&stages, order, "/names", &customer).await;
        lets_in(&names, "authsafe|alice and None");
        assert_eq!(ask(&stages, order, "/names", &colleague).await.status, 401);
    }
}

#[tokio::test]
async fn what_is_remembered_is_in_the_session_that_was_asked_for() {
    let stages = Stages::new().await;
    let both = stages.both("alice", "bob").await;
    let (_, port) = stages.staff.url.rsplit_once(':').unwrap();
    for order in BOTH {
        for path in ["/remember", "/remember-plain"] {
            let told = ask(&stages, order, path, &both).await;
            lets_in(&told, "remembered");
            assert_eq!(told.sets, [format!("staff-{port}")], "{order:?}");
        }
    }
}

#[tokio::test]
async fn a_guard_whose_layer_is_not_around_lets_nobody_in_and_the_log_says_whose() {
    let stages = Stages::new().await;
    let both = stages.both("alice", "alice").await;
    for path in ["/refund", "/room", "/recent", "/witnessed", "/remember"] {
        let told = ask(&stages, Order::ShopAlone, path, &both).await;
        assert_eq!(told.status, 500, "{path}");
        assert!(told.body.contains("\"internal\""), "{told:?}");
    }
    assert_eq!(
        ask(&stages, Order::ShopAlone, "/names", &both).await.status,
        500
    );
    let logs = LOGS.text();
    let line = logs.lines().find(|it| it.contains("no session layer of"));
    let line = line.unwrap();
    assert!(
        line.contains("routes=two_sign_ins::staff::auth")
            && line.contains("around=[two_sign_ins::shop::auth]"),
        "{line}"
    );
}

#[tokio::test]
async fn each_layer_holds_paths_to_its_own_rules_by_its_own_session() {
    let stages = Stages::new().await;
    let customer = stages.customer("alice").await;
    let both = format!("{customer}; {}", stages.colleague("bob").await);
    let chief = stages.colleague("alice").await;
    for order in BOTH {
        for (cookies, shop, staff) in [
            (&customer, 200, 401),
            (&both, 200, 403),
            (&chief, 401, 200),
            (&String::new(), 401, 401),
        ] {
            let told = ask(&stages, order, "/shop/page", cookies).await;
            assert_eq!(told.status, shop, "{order:?}");
            let told = ask(&stages, order, "/staff/page", cookies).await;
            assert_eq!(told.status, staff, "{order:?}");
        }
    }
}

#[tokio::test]
async fn two_sign_ins_with_cookies_of_one_name_are_told_of_at_the_start() {
    LazyLock::force(&LOGS);
    let mut stages = Vec::new();
    for spec in [
        twins::one::SPEC,
        twins::two::SPEC,
        twins::beside::SPEC,
        twins::other::SPEC,
    ] {
        stages.push(Stage::builder().spec(spec).start().await);
    }
    let logs = LOGS.text();
    let told = logs.lines().filter(|it| it.contains("cookies of one name"));
    let told: Vec<_> = told.collect();
    let is_told = |pair: &str| told.iter().any(|it| it.contains(pair));
    assert!(is_told(
        "routes=[two_sign_ins::twins::two, two_sign_ins::twins::one]"
    ));
    assert!(is_told(
        "routes=[two_sign_ins::twins::beside, two_sign_ins::twins::one]"
    ));
    for silent in ["twins::other", "::shop::", "::staff::"] {
        assert!(!is_told(silent), "{told:#?}");
    }
}

/// Trees with policies in them, which say whose session they are about.
mod trees {
    use super::*;

    /// A tree is of the sign-in that the first of its policies names.
    #[require(all(policy(StaffAdmin), recent("5m")))]
    async fn of_policy(session: Session) -> String {
        format!("staff's {}", session.user().id())
    }

    #[require(not(policy(StaffAdmin)))]
    async fn no_admin(session: Session) -> String {
        format!("no admin {}", session.user().id())
    }

    /// The customers', who may be nobody of the staff.
    #[require(not(policy(StaffAdmin)), routes = shop::auth)]
    async fn no_staff_admin(session: Session) -> String {
        format!("customer {}", session.user().id())
    }

    /// Whose session the handler has, the first guard says. The tree asks for its own.
    #[require_auth(routes = staff::auth)]
    #[require(any(permission("none"), policy(is_bob)), routes = shop::auth)]
    async fn beside(session: Session) -> String {
        format!("beside {}", session.user().id())
    }

    /// Of whichever layer is innermost.
    #[authsafe::policy(routes = any)]
    async fn wherever(_: &Session, _: &Parts) -> bool {
        false
    }

    #[authsafe::policy(scope("profile"), routes = shop::auth)]
    struct Customer;

    /// What another guard says goes before what a policy in a tree says.
    #[require_auth(routes = staff::auth)]
    #[require(any(org("none"), policy(wherever), not(recent("5m"))))]
    async fn below(session: Session) -> String {
        format!("below {}", session.user().id())
    }

    #[require(any(policy(wherever), all(policy(Customer), not(recent("5m")))))]
    #[require_auth(routes = staff::auth)]
    async fn above(session: Session) -> String {
        format!("above {}", session.user().id())
    }

    /// `any` stands for itself.
    #[require(any(permission("none"), policy(is_bob)), routes = any)]
    #[require_auth(routes = staff::auth)]
    #[require_recent(max_age = "5m")]
    async fn behind_any(session: Session) -> String {
        format!("behind {}", session.user().id())
    }

    async fn ask(stages: &Stages, order: Order, path: &str, cookies: &str) -> Told {
        let around = stages.around(order);
        let app = Router::new()
            .route("/of-policy", get(of_policy))
            .route("/no-admin", get(no_admin))
            .route("/no-staff-admin", get(no_staff_admin))
            .route("/beside", get(beside))
            .route("/below", get(below))
            .route("/above", get(above))
            .route("/behind-any", get(behind_any));
        let axum = ask_router(app, &around, path, cookies).await;
        let app = App::new()
            .route("/of-policy", web::get().to(of_policy))
            .route("/no-admin", web::get().to(no_admin))
            .route("/no-staff-admin", web::get().to(no_staff_admin))
            .route("/beside", web::get().to(beside))
            .route("/below", web::get().to(below))
            .route("/above", web::get().to(above))
            .route("/behind-any", web::get().to(behind_any))
            .wrap(around[0].middleware())
            .wrap(around[1].middleware());
        let app = actix_web::test::init_service(app).await;
        let request = actix_web::test::TestRequest::get().uri(path);
        let request = request.insert_header(("cookie", cookies)).to_request();
        let answer = actix_web::test::try_call_service(&app, request).await;
        assert_eq!(axum, read_actix(answer).await, "{path} {order:?}");
        axum
    }

    #[tokio::test]
    async fn a_tree_is_of_the_sign_in_that_its_policies_name() {
        let stages = Stages::new().await;
        let bob = stages.customer("bob").await;
        let chief = format!("{bob}; {}", stages.colleague("alice").await);
        for order in BOTH {
            let answer = ask(&stages, order, "/of-policy", &chief).await;
            lets_in(&answer, "staff's authsafe|alice");
            assert_eq!(ask(&stages, order, "/of-policy", &bob).await.status, 401);
            assert_eq!(ask(&stages, order, "/no-admin", &chief).await.status, 403);
        }
        // How long ago somebody has signed in is asked of that sign-in too, by its own clock.
        stages.staff.pass(std::time::Duration::from_secs(400));
        for order in BOTH {
            let answer = ask(&stages, order, "/of-policy", &chief).await;
            assert_eq!(answer.status, 401, "{answer:?}");
        }
    }

    #[tokio::test]
    async fn who_is_signed_out_of_a_policys_sign_in_is_let_in_by_no_not() {
        let stages = Stages::new().await;
        let alice = stages.customer("alice").await;
        let both = format!("{alice}; {}", stages.colleague("bob").await);
        for order in BOTH {
            assert_eq!(ask(&stages, order, "/no-admin", &alice).await.status, 401);
            let answer = ask(&stages, order, "/no-staff-admin", &alice).await;
            assert_eq!(answer.status, 403, "{answer:?}");
            let answer = ask(&stages, order, "/no-admin", &both).await;
            lets_in(&answer, "no admin authsafe|bob");
            let answer = ask(&stages, order, "/no-staff-admin", &both).await;
            lets_in(&answer, "customer authsafe|alice");
        }
    }

    #[tokio::test]
    async fn a_tree_does_not_decide_alone_whose_session_its_handler_has() {
        let stages = Stages::new().await;
        let customer = stages.customer("bob").await;
        let cookies = format!("{customer}; {}", stages.colleague("alice").await);
        let swapped = stages.both("alice", "bob").await;
        for order in BOTH {
            let answer = ask(&stages, order, "/beside", &cookies).await;
            lets_in(&answer, "beside authsafe|alice");
            assert_eq!(ask(&stages, order, "/beside", &swapped).await.status, 403);
            assert_eq!(ask(&stages, order, "/beside", &customer).await.status, 401);
        }
        let inside = Order::ShopInside;
        let answer = ask(&stages, inside, "/behind-any", &cookies).await;
        lets_in(&answer, "behind authsafe|alice");
    }

    #[tokio::test]
    async fn what_another_guard_says_goes_before_what_a_policy_in_a_tree_says() {
        let stages = Stages::new().await;
        let cookies = stages.both("bob", "alice").await;
        for order in BOTH {
            for path in ["/below", "/above"] {
                assert_eq!(ask(&stages, order, path, &cookies).await.status, 403);
            }
        }
        // Alice has signed in to the staff's long ago by now, and Bob to the shop just so.
        stages.staff.pass(std::time::Duration::from_secs(400));
        for order in BOTH {
            for path in ["/below", "/above"] {
                let answer = ask(&stages, order, path, &cookies).await;
                lets_in(&answer, &format!("{} authsafe|alice", &path[1..]));
            }
        }
    }
}
