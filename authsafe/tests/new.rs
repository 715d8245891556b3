//! `authsafe new`: what it writes is built, tested, and signed in to over a socket, once a framework.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use authsafe::dev::LocalProvider;
use reqwest::header::{ACCEPT, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, StatusCode};
use url::Url;

const FRAMEWORKS: [&str; 3] = ["axum", "actix", "tower"];

/// A new and empty folder below the target folder; not in the repository, as one of a user's is not.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn new(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_authsafe"))
        .arg("new")
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The files below a folder, by their paths in it.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            let name = name.replace('\\', "/");
            found.insert(name, fs::read_to_string(path).unwrap());
        }
    }
    found
}

#[test]
fn what_to_do_next_is_said_in_three_lines() {
    let folder = folder("new-next");
    let output = new(&folder, &["shop"]);
    assert!(output.status.success(), "{output:?}");
    let said = text(&output.stdout);
    let next: Vec<_> = said.lines().skip(2).map(str::trim).collect();
    assert_eq!(next.len(), 3, "{said}");
    for (line, command) in next.iter().zip(["cd shop", "authsafe dev", "cargo run"]) {
        assert!(line.starts_with(command), "{line}");
    }
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = folder("new-full");
    fs::create_dir(folder.join("shop")).unwrap();
    fs::write(folder.join("shop/notes.txt"), "mine").unwrap();
    fs::write(folder.join("list"), "mine too").unwrap();
    fs::create_dir(folder.join("empty")).unwrap();
    for (name, wrong) in [("shop", "is not empty"), ("list", "is a file")] {
        let output = new(&folder, &[name]);
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        assert!(said.contains(wrong), "{said}");
    }
    let left: Vec<_> = files(&folder).into_keys().collect();
    assert_eq!(left, ["list", "shop/notes.txt"]);
    assert!(new(&folder, &["empty"]).status.success());
}

#[test]
fn wrong_arguments_are_named_and_nothing_is_written() {
    let folder = folder("new-wrong");
    for (args, wrong) in [
        (&[][..], "needs a name"),
        (&["Shop"], "begins with a small letter"),
        (&["a/b"], "it is a path"),
        (&["axum"], "has it"),
        (&["shop", "more"], "`more` is too much"),
        (&["shop", "--framework"], "needs a value"),
        (&["shop", "--framework", "axxum"], "did you mean `axum`?"),
        (&["shop", "--framework=rocket"], "axum, actix or tower"),
        (
            &["shop", "--framwork", "axum"],
            "did you mean `--framework`?",
        ),
    ] {
        let output = new(&folder, args);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains(wrong), "{said}");
    }
    assert!(files(&folder).is_empty());
}

/// Where the hook moves a file to.
fn moved(hook: &str, file: &str) -> String {
    let from = format!("file::rename(chosen + \"/{file}\", \"");
    let (_, rest) = hook.split_once(&from).expect(file);
    rest.split_once("\");").unwrap().0.to_owned()
}

/// `cargo generate` copies the template and does as its hook says; so does this. What it makes is what the command writes.
#[test]
fn cargo_generate_and_the_command_write_the_same() {
    let template = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/template"));
    let hook = &template["framework.rhai"];
    let folder = folder("new-same");
    for framework in FRAMEWORKS {
        let own = format!("frameworks/{framework}/");
        let mut generated = BTreeMap::new();
        for (path, text) in &template {
            let path = match path.strip_prefix(&own) {
                Some(file) => moved(hook, file),
                None if path.starts_with("frameworks/") => continue,
                None if ["cargo-generate.toml", "framework.rhai"].contains(&&**path) => continue,
                None => path.clone(),
            };
            generated.insert(path, text.replace("{{project-name}}", "shop"));
        }
        let name = folder.join(framework);
        fs::create_dir(&name).unwrap();
        let output = new(&name, &["shop", "--framework", framework]);
        assert!(output.status.success(), "{output:?}");
        let mut written = files(&name.join("shop"));
        let variables = written.remove(".env").unwrap();
        assert!(!variables.contains("COOKIE_SECRET=\n"), "{variables}");
        let names: BTreeSet<_> = written.keys().collect();
        assert_eq!(names, generated.keys().collect());
        assert_eq!(written, generated);
    }
}

#[cfg(unix)]
#[test]
fn the_secret_is_for_its_owner_alone_and_another_for_each_app() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("new-secret");
    let secrets = ["one", "two"].map(|name| {
        assert!(new(&folder, &[name]).status.success());
        let file = folder.join(name).join(".env");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let variables = fs::read_to_string(file).unwrap();
        let mut lines = variables.lines();
        let secret = lines.find_map(|line| line.strip_prefix("AUTHSAFE_COOKIE_SECRET="));
        secret.unwrap().to_owned()
    });
    assert!(secrets.iter().all(|secret| secret.len() >= 32));
    assert_ne!(secrets[0], secrets[1]);
}

/// One workspace for the three apps: their dependencies are built once.
fn apps() -> PathBuf {
    let folder = folder("new-apps");
    for framework in FRAMEWORKS {
        let output = new(
            &folder,
            &[&format!("on-{framework}"), "--framework", framework],
        );
        assert!(output.status.success(), "{output:?}");
    }
    let authsafe = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The versions and the profile of this workspace; what it has built is not built again.
    let manifest = format!(
        "[workspace]\nmembers = [\"on-*\"]\nresolver = \"3\"\n\n\
         [patch.crates-io]\nauthsafe = {{ path = {authsafe:?} }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.aws-lc-sys]\ndebug = false\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(authsafe.join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

fn cargo(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    // What the test has of its own package is not theirs.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
        .args(args)
        .arg("--target-dir")
        .arg(folder.parent().unwrap().parent().unwrap())
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A browser at one app: it keeps cookies by host and name, and follows where it is sent.
struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    async fn send(&mut self, method: Method, url: Url) -> (StatusCode, Option<Url>, String) {
        let host = url.host_str().unwrap().to_owned();
        let cookies = self.cookies.iter().filter(|((of, _), _)| *of == host);
        let cookies: Vec<_> = cookies
            .map(|((_, name), it)| format!("{name}={it}"))
            .collect();
        let request = self.http.request(method, url.clone());
        let request = request
            .header(ACCEPT, "text/html")
            .header(COOKIE, cookies.join("; "))
            .header(ORIGIN, url.origin().ascii_serialization())
            .header("sec-fetch-mode", "navigate");
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (host.clone(), name.to_owned());
            match rest.contains("Max-Age=0") {
                true => self.cookies.remove(&key),
                false => self.cookies.insert(key, value.to_owned()),
            };
        }
        let status = response.status();
        let next = response.headers().get(LOCATION);
        let next = next.map(|to| url.join(to.to_str().unwrap()).unwrap());
        (status, next, response.text().await.unwrap())
    }

    /// Opens a page and follows, as this person at the provider's page.
    async fn open(&mut self, url: Url, user: &str) -> (Url, StatusCode, String) {
        let mut at = url;
        loop {
            if at.path().ends_with("/authorize") {
                at.query_pairs_mut().append_pair("user", user);
            }
            match self.send(Method::GET, at.clone()).await {
                (_, Some(next), _) => at = next,
                (status, None, text) => return (at, status, text),
            }
        }
    }
}

/// Signs in to an app, looks, and signs out.
async fn signs_in(program: &Path) {
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let app: Url = format!("http://localhost:{}", listen.rsplit(':').next().unwrap())
        .parse()
        .unwrap();
    let vars = provider.vars(app.as_str().trim_end_matches('/'));
    let mut command = Command::new(program);
    for name in [
        "AUTHSAFE_DOMAIN",
        "AUTHSAFE_CLIENT_ID",
        "AUTHSAFE_CLIENT_SECRET",
        "AUTHSAFE_COOKIE_SECRET",
        "APP_URL",
    ] {
        command.env(name, vars(name).unwrap());
    }
    command.env_remove("REDIS_URL").env("LISTEN", listen);
    let mut running = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = BufReader::new(running.stdout.take().unwrap()).lines();
    let _running = Running(running);
    let first = printed.next().expect("it says where it is").unwrap();
    // The log goes on; nobody may be stopped by a full pipe.
    std::thread::spawn(move || printed.for_each(drop));
    assert!(
        first.contains(app.as_str().trim_end_matches('/')),
        "{first}"
    );

    let none = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().redirect(none).no_proxy();
    let http = http.build().unwrap();
    for (user, name, admin) in [
        ("alice", "Alice Admin", StatusCode::OK),
        ("bob", "Bob Builder", StatusCode::FORBIDDEN),
    ] {
        let mut browser = Browser {
            http: http.clone(),
            cookies: BTreeMap::new(),
        };
        let at = |path| app.join(path).unwrap();
        let (_, status, home) = browser.open(at("/"), user).await;
        assert!(status.is_success() && home.contains("href=\"/api/auth/signin\""));
        let (landed, status, page) = browser.open(at("/api/auth/signin"), user).await;
        assert_eq!((landed.path(), status), ("/dashboard", StatusCode::OK));
        assert!(page.contains(name), "{page}");
        let (_, status, _) = browser.open(at("/admin"), user).await;
        assert_eq!(status, admin);
        let (_, status, me) = browser.open(at("/api/me"), user).await;
        assert!(
            status.is_success() && me.contains(name) && !me.contains("\"accessToken\""),
            "{me}"
        );
        let (status, _, style) = browser.send(Method::GET, at("/style.css")).await;
        assert!(status.is_success() && style.contains("--accent"));
        let (status, next, _) = browser.send(Method::POST, at("/api/auth/logout")).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert!(next.is_some());
        let (_, status, home) = browser.open(at("/"), user).await;
        assert!(status.is_success() && home.contains("href=\"/api/auth/signin\""));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_app_builds_passes_its_tests_and_is_signed_in_to() {
    let folder = apps();
    let built = cargo(
        &folder,
        &["build", "--all-targets", "--workspace", "--offline"],
    );
    let said = text(&built.stderr);
    assert!(
        built.status.success() && !said.contains("warning: unused"),
        "{said}"
    );
    let tested = cargo(&folder, &["test", "--workspace", "--offline"]);
    let report = text(&tested.stdout);
    assert!(tested.status.success(), "{report}{}", text(&tested.stderr));
    assert_eq!(
        report.matches("4 passed").count(),
        FRAMEWORKS.len(),
        "{report}"
    );
    let target = folder.parent().unwrap().parent().unwrap();
    for framework in FRAMEWORKS {
        signs_in(&target.join("debug").join(format!("on-{framework}"))).await;
    }
}
