//! What a guard costs: one GET in process, beside the bare framework and other libraries.
//!
//! `cargo bench -p authsafe-benches --bench guards`

#![allow(clippy::expect_used, clippy::print_stdout)]

mod apps;

use std::convert::Infallible;
use std::slice;

use actix_web::rt::System;
use authsafe::store::Memory;
use authsafe_benches::{Case, compare, now, print};
use authsafe_tests::RedisServer;
use tokio::runtime::Runtime;

use apps::axum::{By, bare, case, case_that_waits, request, routes};
use apps::peers::{self, NoOp};
use apps::{Shown, World, actix, rules, started};

const ROUNDS: usize = 1001;
/// Few: what is read of a request has just been written, as on a server.
const TIMES: usize = 50;

/// Sessions in the process's memory.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    client_secret = none,
    session(store = memory)
)]
mod in_memory {}

/// Sessions in Redis.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    client_secret = none,
    shared_state(redis = env("REDIS_URL")),
    session(store = "redis")
)]
mod in_redis {}

/// Sealed ones, of which Redis knows which have ended.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    client_secret = none,
    shared_state(redis = env("REDIS_URL"))
)]
mod ends_in_redis {}

async fn memory() -> Result<Memory, Infallible> {
    Ok(Memory::default())
}

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let world = runtime.block_on(World::new());
    on_axum(&runtime, &world);
    path_rules(&runtime, &world);
    new_tokens(&runtime, &world);
    in_stores(&world);
    on_actix(&runtime, &world);
    in_stores_on_actix(&world);
    path_rules_on_actix(&runtime, &world);
}

/// Compares those that the first argument names, or all; as many rounds as the second says.
fn report(title: &str, mut cases: Vec<Case<'_>>) {
    let argument = |at| std::env::args().nth(at).filter(|it| !it.starts_with('-'));
    if let Some(named) = argument(1) {
        cases.retain(|it| it.name() == named || format!("{title}: {}", it.name()) == named);
    }
    let rounds = argument(2).and_then(|it| it.parse().ok()).unwrap_or(ROUNDS);
    let took = compare(&mut cases, rounds, TIMES);
    print(title, &cases, &took);
}

fn on_axum(runtime: &Runtime, world: &World) {
    let (auth, bearer, cookies) = runtime.block_on(async {
        let bearer = world.with_bearer().await;
        (world.auth().await, bearer, peers::Cookies::new(world).await)
    });
    let shown = runtime.block_on(world.sign_in(&auth));
    let (small, by_small) = without_tokens(runtime, world);
    let (ours, takes_tokens) = (routes().layer(auth.layer()), routes().layer(bearer.layer()));
    // Once, while it may wait for the provider's keys: from then on it is known.
    let first = request("/any", By::Token(&shown.token));
    runtime
        .block_on(async { tower::ServiceExt::oneshot(takes_tokens.clone(), first).await })
        .expect("an answer");
    let cookie = By::Cookie(&shown.cookie);
    let mut cases = vec![
        case("bare", bare(), "/open", cookie),
        case(
            "a layer that does nothing",
            bare().layer(NoOp),
            "/open",
            cookie,
        ),
        case("our layer, no guard", ours.clone(), "/open", cookie),
        case("guard", ours.clone(), "/guard", cookie),
        case("`Session`", ours.clone(), "/session", cookie),
        case("guard and `Session`", ours.clone(), "/both", cookie),
        case("guard, and the access token opened", ours, "/token", cookie),
        case(
            "guard, session without tokens",
            routes().layer(small.layer()),
            "/any",
            By::Cookie(&by_small.cookie),
        ),
        case(
            "guard, bearer token seen before",
            takes_tokens,
            "/any",
            By::Token(&shown.token),
        ),
    ];
    cases.extend(runtime.block_on(peers::cases(world, &cookies)));
    report("axum", cases);
}

/// A sign-in whose sessions keep no token, and what a browser shows.
fn without_tokens(runtime: &Runtime, world: &World) -> (authsafe::Auth, Shown) {
    runtime.block_on(async {
        let auth = world.without_tokens().await;
        let shown = world.sign_in(&auth).await;
        (auth, shown)
    })
}

/// Sign-ins with so many path rules, and what a browser shows that is signed in to each.
fn with_rules(runtime: &Runtime, world: &World) -> ([(usize, authsafe::Auth); 3], Shown) {
    let vars = || world.variables(None);
    let auths = runtime.block_on(async {
        [
            (1, started(rules::of_1::from_vars(vars()).await)),
            (10, started(rules::of_10::from_vars(vars()).await)),
            (100, started(rules::of_100::from_vars(vars()).await)),
        ]
    });
    let shown = runtime.block_on(world.sign_in(&auths[0].1));
    (auths, shown)
}

fn path_rules(runtime: &Runtime, world: &World) {
    let (auths, shown) = with_rules(runtime, world);
    let get = axum::routing::get;
    let app = |auth: &authsafe::Auth| {
        let pages = axum::Router::new()
            .route("/last/page", get(apps::axum::open))
            .route("/open", get(apps::axum::open));
        pages.layer(auth.layer())
    };
    let mut cases = vec![case("bare", bare(), "/open", By::Nothing)];
    for (rules, auth) in &auths {
        let (name, cookie) = (
            format!("{rules} rules, the last"),
            By::Cookie(&shown.cookie),
        );
        cases.push(case(&name, app(auth), "/last/page", cookie));
        cases.push(case(
            &format!("{rules} rules, none"),
            app(auth),
            "/open",
            By::Nothing,
        ));
    }
    report("path rules on axum", cases);
}

/// Each token is new to the app.
fn new_tokens(runtime: &Runtime, world: &World) {
    let bearer = runtime.block_on(world.with_bearer());
    let app = routes().layer(bearer.layer());
    let first = request("/any", By::Token(&world.token()));
    runtime
        .block_on(async { tower::ServiceExt::oneshot(app.clone(), first).await })
        .expect("an answer");
    let mut new = Case::new(
        "guard, bearer token never seen (RS256)",
        || (app.clone(), request("/any", By::Token(&world.token()))),
        |(mut app, request)| {
            now(tower_service::Service::call(&mut app, request)).expect("an answer")
        },
    );
    let took = compare(slice::from_mut(&mut new), 21, 20);
    print("axum", slice::from_ref(&new), &took);
}

/// Sign-ins that ask a store at each request, and what a browser shows that is signed in to each.
async fn stores(
    world: &World,
) -> (
    Option<RedisServer>,
    Vec<(&'static str, authsafe::Auth, Shown)>,
) {
    let memory = started(in_memory::from_vars(world.variables(None)).await);
    let mut auths = vec![("guard, store in memory", memory)];
    let redis = RedisServer::start().await;
    if let Some(redis) = &redis {
        let vars = || world.variables(Some(redis.url()));
        let in_redis = started(in_redis::from_vars(vars()).await);
        let ends = started(ends_in_redis::from_vars(vars()).await);
        auths.push(("guard, store in Redis", in_redis));
        auths.push(("guard, sealed cookie, ends in Redis", ends));
    }
    let mut stores = Vec::new();
    for (name, auth) in auths {
        let shown = world.sign_in(&auth).await;
        stores.push((name, auth, shown));
    }
    (redis, stores)
}

fn in_stores(world: &World) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().expect("a runtime");
    let (_redis, stores) = runtime.block_on(stores(world));
    let bare = case_that_waits(&runtime, "bare", bare(), "/open", By::Nothing);
    let mut cases = vec![bare];
    for (name, auth, shown) in &stores {
        let app = routes().layer(auth.layer());
        let by = By::Cookie(&shown.cookie);
        cases.push(case_that_waits(&runtime, name, app, "/any", by));
    }
    report("axum on a runtime of one thread, which waits", cases);
}

fn in_stores_on_actix(world: &World) {
    let system = System::new();
    let (_redis, stores) = system.block_on(stores(world));
    let bare = system.block_on(actix::bare("bare", By::Nothing));
    let mut cases = vec![bare];
    for (name, auth, shown) in &stores {
        let by = By::Cookie(&shown.cookie);
        cases.push(actix::ours_that_waits(&system, name, auth, by));
    }
    report("actix-web, which waits", cases);
}

fn on_actix(runtime: &Runtime, world: &World) {
    let auth = runtime.block_on(world.auth());
    let bearer = runtime.block_on(world.with_bearer());
    let shown = runtime.block_on(world.sign_in(&auth));
    let app = routes().layer(bearer.layer());
    let first = request("/any", By::Token(&shown.token));
    runtime
        .block_on(async { tower::ServiceExt::oneshot(app, first).await })
        .expect("an answer");
    let cookie = By::Cookie(&shown.cookie);
    let (small, by_small) = without_tokens(runtime, world);
    let by_lean = peers::lean_cookie();
    System::new().block_on(async {
        let cases = vec![
            actix::bare("bare", cookie).await,
            actix::ours("our middleware, no guard", &auth, "/open", cookie).await,
            actix::ours("guard", &auth, "/guard", cookie).await,
            actix::ours("guard and `Session`", &auth, "/both", cookie).await,
            actix::ours(
                "guard, bearer token seen before",
                &bearer,
                "/any",
                By::Token(&shown.token),
            )
            .await,
            actix::ours(
                "guard, session without tokens",
                &small,
                "/any",
                By::Cookie(&by_small.cookie),
            )
            .await,
            actix::lean("a lean hand-written sealed cookie", &by_lean).await,
            actix::with_grants("actix-web-grants, a map and no cryptography").await,
        ];
        report("actix-web", cases);
    });
}

fn path_rules_on_actix(runtime: &Runtime, world: &World) {
    let (auths, shown) = with_rules(runtime, world);
    let cookie = By::Cookie(&shown.cookie);
    System::new().block_on(async {
        let mut cases = vec![actix::bare("bare", By::Nothing).await];
        for (rules, auth) in &auths {
            let (last, none) = (
                format!("{rules} rules, the last"),
                format!("{rules} rules, none"),
            );
            cases.push(actix::ours(&last, auth, "/last/page", cookie).await);
            cases.push(actix::ours(&none, auth, "/open", By::Nothing).await);
        }
        report("path rules on actix-web", cases);
    });
}
