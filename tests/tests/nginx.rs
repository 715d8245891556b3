//! Behind a real nginx as it is installed. Without the program, the tests say so and pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use authsafe_tests::{Answer, Browser, Stage};
use serde_json::json;
use tokio::net::TcpStream;

/// What the log says to write.
const LARGER: &str =
    "proxy_buffer_size 16k; proxy_buffers 8 16k; large_client_header_buffers 4 32k;";

/// An nginx in front of an app; it ends with the test.
struct Nginx {
    child: Child,
    folder: PathBuf,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Nginx {
    /// Starts one on a port, with these settings beside the defaults.
    async fn start(port: u16, app: &str, settings: &str) -> Option<Self> {
        let server = format!(
            "{settings}\nserver {{ listen 127.0.0.1:{port};\n\
             location / {{ proxy_pass {app}; proxy_set_header Host $http_host; }} }}\n"
        );
        Self::serve(port, &server).await
    }

    /// Starts one with what stands in its `http` block.
    async fn serve(port: u16, server: &str) -> Option<Self> {
        let folder = env::temp_dir().join(format!("authsafe-nginx-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let at = folder.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|it| format!("{it}_temp_path {at}/{it};\n"))
            .concat();
        let config = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/log;\n\
             events {{}}\n\
             http {{ access_log off; {temporary} {server} }}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, config).unwrap();
        let programs = ["nginx", "/usr/sbin/nginx"];
        let child = programs.iter().find_map(|program| {
            let mut command = Command::new(program);
            command.arg("-p").arg(&folder).arg("-c").arg(&file);
            let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
            quiet.spawn().ok()
        });
        let Some(child) = child else {
            eprintln!("SKIPPED: nginx is not installed (apt-get install nginx-light)");
            return None;
        };
        let nginx = Self { child, folder };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Some(nginx);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nginx does not start");
    }
}

/// Alice's sign-in by way of nginx, with access tokens that are longer by so many characters.
async fn sign_in(padding: usize, settings: &str) -> Option<Answer> {
    sign_in_by(padding, async |port, app| {
        Nginx::start(port, app, settings).await
    })
    .await
}

async fn sign_in_by(
    padding: usize,
    start: impl AsyncFnOnce(u16, &str) -> Option<Nginx>,
) -> Option<Answer> {
    let port = {
        let any = TcpListener::bind("127.0.0.1:0").unwrap();
        any.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let stage = Stage::builder().var("APP_URL", &url).start().await;
    stage.provider.tamper_access_token(move |claims| {
        claims.insert("padding".to_owned(), json!("x".repeat(padding)));
    });
    let _nginx = start(port, &stage.url).await?;
    let mut browser = Browser::new(&url);
    let callback = browser.callback("alice").await;
    if callback.status == 303 {
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
        let logout = browser.post("/api/auth/logout").await;
        assert_eq!(logout.status, 303, "{logout:#?}");
        assert_eq!(browser.user().await, None);
    }
    Some(callback)
}

#[tokio::test]
async fn a_session_goes_through_nginx_as_it_is_installed() {
    if let Some(callback) = sign_in(0, "").await {
        assert_eq!(callback.status, 303, "{callback:#?}");
    }
}

#[tokio::test]
async fn a_long_session_needs_the_settings_that_the_log_names() {
    if let Some(callback) = sign_in(3500, "").await {
        assert_eq!(callback.status, 502, "{callback:#?}");
    }
    if let Some(callback) = sign_in(3500, LARGER).await {
        assert_eq!(callback.status, 303, "{callback:#?}");
    }
}

/// The server that the guide writes, but for its certificate, its port and the app's.
fn of_the_guide(port: u16, app: &str) -> String {
    let page = include_str!("../../authsafe/src/guide/proxies.md");
    let (_, server) = page.split_once("```nginx\n").unwrap();
    let (server, _) = server.split_once("```").unwrap();
    let lines = server.lines().filter(|it| !it.contains("ssl_certificate"));
    let lines: Vec<&str> = lines.collect();
    let (listen, guide_app) = ("listen 443 ssl;", "http://127.0.0.1:3000");
    let server = lines.join("\n");
    assert!(server.contains(listen) && server.contains(guide_app));
    let server = server.replace(listen, &format!("listen 127.0.0.1:{port};"));
    server.replace(guide_app, app)
}

#[tokio::test]
async fn the_server_of_the_guide_takes_a_long_session() {
    let callback = sign_in_by(3500, async |port, app| {
        Nginx::serve(port, &of_the_guide(port, app)).await
    });
    if let Some(callback) = callback.await {
        assert_eq!(callback.status, 303, "{callback:#?}");
    }
}
