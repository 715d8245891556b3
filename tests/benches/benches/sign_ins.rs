//! How many sign-ins, callbacks, refreshes and logouts one core does, against the local provider in a process of its
//! own; and whether they leave memory behind.
//!
//! `cargo bench -p authsafe-benches --bench sign_ins` and `... -- memory`

#![allow(clippy::expect_used, clippy::print_stdout)]

mod apps;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use authsafe::Auth;
use authsafe_benches::{Case, compare, now, resident};
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use tokio::runtime::Runtime;
use tower_service::Service as _;

use apps::axum::{By, request, routes};
use apps::{World, pairs, parts, text};

const ROUNDS: usize = 11;
const TIMES: usize = 100;

fn main() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().expect("a runtime");
    match std::env::args().nth(1).as_deref() {
        Some("provider") => runtime.block_on(provide()),
        Some("memory") => memory(&runtime),
        _ => rates(&runtime),
    }
}

/// Is the provider, until nobody writes to it any more.
async fn provide() {
    let world = World::new().await;
    println!("{}", world.issuer());
    let wait = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(wait)
        .await
        .expect("a thread")
        .expect("an end");
}

struct Elsewhere(Child);

impl Elsewhere {
    fn start() -> (Self, World) {
        let me = std::env::current_exe().expect("a program");
        let mut child = Command::new(me)
            .arg("provider")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a provider");
        let mut issuer = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out)
            .read_line(&mut issuer)
            .expect("its issuer");
        (Self(child), World::elsewhere(issuer.trim().to_owned()))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn rates(runtime: &Runtime) {
    let (_provider, world) = Elsewhere::start();
    let auth = runtime.block_on(world.auth());
    let post = |name: &str, cookie: &str| {
        let mut parts = parts(&format!("/api/auth/{name}"), cookie);
        parts.method = Method::POST;
        let same_origin = HeaderValue::from_static("same-origin");
        parts.headers.insert("sec-fetch-site", same_origin);
        parts
    };
    let sign_in = || runtime.block_on(world.sign_in(&auth));
    // Sessions of which the first has asked for the provider's keys.
    sign_in();
    let mut cases = vec![
        Case::new(
            "sign-in: the way to the provider",
            || parts("/api/auth/signin", ""),
            |request| see_other(runtime.block_on(auth.sign_in(&request))),
        ),
        Case::new(
            "callback: code, ID token, UserInfo, session",
            || runtime.block_on(back(&world, &auth)),
            |request| see_other(runtime.block_on(auth.callback(&request))),
        ),
        Case::new(
            "refresh",
            || post("refresh", &sign_in().cookie),
            |request| {
                let answer = runtime.block_on(auth.refresh(&request));
                assert_eq!(answer.status(), StatusCode::OK);
            },
        ),
        Case::new(
            "logout",
            || post("logout", &sign_in().cookie),
            |request| see_other(runtime.block_on(auth.logout(&request))),
        ),
        Case::new(
            "one call of the provider, of which a callback makes two",
            || (),
            |()| runtime.block_on(world.discovery()),
        ),
    ];
    let took = compare(&mut cases, ROUNDS, TIMES);
    println!("\n| one core | us of CPU | a second |\n|---|---|---|");
    for (case, took) in cases.iter().zip(took) {
        println!(
            "| {} | {:.0} | {:.0} |",
            case.name(),
            took / 1e3,
            1e9 / took
        );
    }
}

fn see_other(answer: authsafe::Response) {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

/// Returns the request with which somebody comes back from the provider.
async fn back(world: &World, auth: &Auth) -> Parts {
    let start = auth.sign_in(&parts("/api/auth/signin", "")).await;
    let back = world.authorize(&text(&start, LOCATION)).await;
    parts(&back, &pairs(&start))
}

fn memory(runtime: &Runtime) {
    let (_provider, world) = Elsewhere::start();
    let auth = runtime.block_on(world.auth());
    let told =
        |of: &str, done: usize| println!("| {of} | {done} | {:.1} |", resident() as f64 / 1e6);
    println!("\n| done | times | MB of the process |\n|---|---|---|");
    told("nothing", 0);
    let mut shown = runtime.block_on(world.sign_in(&auth));
    for done in 1..=100_000 {
        shown = runtime.block_on(world.sign_in(&auth));
        if [1, 10_000, 20_000, 50_000, 100_000].contains(&done) {
            told("sign-ins", done);
        }
    }
    let mut app = routes().layer(auth.layer());
    for done in 1..=1_000_000 {
        let answer = now(app.call(request("/guard", By::Cookie(&shown.cookie))));
        assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
        if [1, 100_000, 1_000_000].contains(&done) {
            told("guarded requests", done);
        }
    }
}
