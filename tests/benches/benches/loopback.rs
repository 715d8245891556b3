//! Requests a second over loopback: one thread that serves, and `wrk -t1 -c32` beside it, in turns.
//!
//! `cargo bench -p authsafe-benches --bench loopback`

#![allow(clippy::expect_used, clippy::print_stdout)]

mod apps;

use core::net::SocketAddr;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;

use actix_web::web::get;
use actix_web::{App, HttpServer};
use authsafe::Auth;
use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use apps::axum::{bare, routes};
use apps::peers::{lean_app, lean_cookie};
use apps::{World, actix};

const ROUNDS: usize = 3;

/// Serves an actix-web app, whose type differs with what it has, by one thread. The value is its address.
macro_rules! serve_on_actix {
    ($app:expr) => {{
        let (tell, told) = channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let server = HttpServer::new(move || $app).workers(1);
                let server = server.bind("127.0.0.1:0").expect("a port");
                tell.send(server.addrs()[0]).expect("a hearer");
                server.run().await.expect("a server");
            });
        });
        told.recv().expect("an address")
    }};
}

/// What is asked, by whom, again and again.
struct Served {
    name: &'static str,
    url: String,
    cookie: String,
    a_second: Vec<f64>,
}

impl Served {
    fn new(name: &'static str, at: SocketAddr, path: &str, cookie: &str) -> Self {
        Self {
            name,
            url: format!("http://{at}{path}"),
            cookie: cookie.to_owned(),
            a_second: Vec::new(),
        }
    }

    /// Whoever shows nothing is refused, unless it is for everybody.
    async fn proves(&self) {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.build().expect("a client");
        let ask = |cookie: &str| {
            client
                .get(&self.url)
                .header("cookie", cookie.to_owned())
                .send()
        };
        let status = ask(&self.cookie).await.expect("an answer").status();
        assert_eq!(status, 200, "{}", self.name);
        let status = ask("").await.expect("an answer").status();
        assert_eq!(status == 200, self.url.ends_with("/open"), "{}", self.name);
    }

    fn round(&mut self) {
        let cookie = format!("Cookie: {}", self.cookie);
        let wrk = Command::new("wrk")
            .args(["-t1", "-c32", "-d3s", "-H", &cookie, &self.url])
            .output()
            .expect("wrk");
        let text = String::from_utf8(wrk.stdout).expect("text");
        assert!(!text.contains("Non-2xx"), "{}: {text}", self.name);
        let line = text.lines().find_map(|it| it.strip_prefix("Requests/sec:"));
        let a_second = line.and_then(|it| it.trim().parse().ok());
        self.a_second.push(a_second.expect("requests a second"));
    }

    fn median(&self) -> f64 {
        let mut all = self.a_second.clone();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    }
}

fn main() {
    if Command::new("wrk").arg("-v").output().is_err() {
        println!("skipped: wrk is not installed");
        return;
    }
    let runtime = Runtime::new().expect("a runtime");
    let (auth, shown, small, by_small) = runtime.block_on(async {
        let world = World::new().await;
        let (auth, small) = (world.auth().await, world.without_tokens().await);
        let (shown, by_small) = (world.sign_in(&auth).await, world.sign_in(&small).await);
        (auth, shown, small, by_small)
    });
    let on_axum = Servers {
        bare: on_axum(bare()),
        ours: on_axum(routes().layer(auth.layer())),
        small: on_axum(routes().layer(small.layer())),
        lean: on_axum(lean_app()),
    };
    let on_actix = Servers {
        bare: serve_on_actix!(App::new().route("/open", get().to(actix::open))),
        ours: on_actix(auth),
        small: on_actix(small),
        lean: serve_on_actix!(App::new().route("/guard", get().to(actix::guarded_lean))),
    };
    for (title, servers) in [("axum", on_axum), ("actix-web", on_actix)] {
        let (all, few, lean) = (&shown.cookie, &by_small.cookie, &lean_cookie());
        let served = [
            Served::new("bare", servers.bare, "/open", all),
            Served::new("our layer, no guard", servers.ours, "/open", all),
            Served::new("our guard", servers.ours, "/any", all),
            Served::new(
                "bare, asked with a small cookie",
                servers.bare,
                "/open",
                few,
            ),
            Served::new(
                "our guard, session without tokens",
                servers.small,
                "/any",
                few,
            ),
            Served::new(
                "a lean hand-written sealed cookie",
                servers.lean,
                "/guard",
                lean,
            ),
        ];
        report(title, &runtime, served);
    }
}

/// One framework's apps.
struct Servers {
    bare: SocketAddr,
    ours: SocketAddr,
    /// Its sessions keep no token.
    small: SocketAddr,
    lean: SocketAddr,
}

fn report<const N: usize>(title: &str, runtime: &Runtime, mut all: [Served; N]) {
    for served in &all {
        runtime.block_on(served.proves());
    }
    for _ in 0..ROUNDS {
        all.iter_mut().for_each(Served::round);
    }
    let bare = all.first().map_or(0.0, Served::median);
    println!("\n| {title} | requests a second | of bare |\n|---|---|---|");
    for served in &all {
        let median = served.median();
        println!("| {} | {median:.0} | {:.2} |", served.name, median / bare);
    }
}

fn on_axum(app: Router) -> SocketAddr {
    let (tell, told) = channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            tell.send(listener.local_addr().expect("an address"))
                .expect("a hearer");
            axum::serve(listener, app).await.expect("a server");
        });
    });
    told.recv().expect("an address")
}

fn on_actix(auth: Auth) -> SocketAddr {
    serve_on_actix!(
        App::new()
            .route("/open", get().to(actix::open))
            .route("/any", get().to(actix::guarded_by_whichever))
            .wrap(auth.middleware())
    )
}
