//! The README: its example, pasted into a new package with its lines for Cargo.toml, builds without a warning and signs somebody
//! in; each of its links to the documentation leads to a page; and its badges are true.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use authsafe_tests::{Browser, reserve_port};
use http::StatusCode;

const README: &str = include_str!("../../README.md");

/// The first block of a language.
fn block(language: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

/// The package of a reader who pastes. Another port is the only change: a test listens at one that is free.
fn pasted(port: u16) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // What is not published yet lies here. The versions and the profile of this workspace: what it has built is
    // not built again.
    let manifest = format!(
        "[package]\nname = \"pasted\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{}\n\n[workspace]\n\n\
         [patch.crates-io]\nauthsafe = {{ path = {:?} }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.aws-lc-sys]\ndebug = false\n",
        block("toml"),
        repository.join("authsafe"),
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let example = block("rust,no_run");
    assert_eq!(example.matches(":3000").count(), 2);
    let example = example.replace(":3000", &format!(":{port}"));
    fs::write(folder.join("src/main.rs"), example).unwrap();
    folder
}

fn build(folder: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut command = Command::new(env!("CARGO"));
    // What the test has of its own package is not the other's.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let output = command
        .args(["build", "--target-dir"])
        .arg(target)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("warning"), "{said}");
    target
        .join("debug/pasted")
        .with_extension(std::env::consts::EXE_EXTENSION)
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_pasted_and_signs_alice_in_and_keeps_bob_out() {
    let (address, held) = reserve_port();
    let port = address.port();
    let program = build(&pasted(port));
    drop(held);
    let _running = Running(Command::new(program).spawn().unwrap());
    let url = format!("http://localhost:{port}");
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_ok()
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let mut alice = Browser::new(&url);
    assert!(alice.open("/").await.body.contains("Sign in"));
    let landed = alice.sign_in("alice", None).await.landed.unwrap();
    assert_eq!(landed.body, "Hello Alice Admin, you may do everything");
    assert!(alice.open("/").await.body.contains("Sign out"));

    let mut bob = Browser::new(&url);
    let landed = bob.sign_in("bob", Some("/orders")).await.landed.unwrap();
    assert_eq!(landed.body, "The orders of Bob Builder");
    assert_eq!(bob.open("/admin").await.status, StatusCode::FORBIDDEN);
    bob.post("/api/auth/logout").await;
    assert!(bob.open("/").await.body.contains("Sign in"));
}

#[test]
fn each_link_to_the_documentation_leads_to_a_page() {
    let pages = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../authsafe/src/guide"));
    let pages: BTreeSet<String> = pages
        .unwrap()
        .map(|it| {
            it.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let base = "https://docs.rs/authsafe/latest/authsafe/";
    let mut linked = BTreeSet::new();
    for rest in README.split(base).skip(1) {
        let path = rest.split(')').next().unwrap();
        if path == "attr.routes.html" {
            continue;
        }
        let page = path
            .strip_prefix("guide/")
            .and_then(|it| it.strip_suffix('/'));
        let page = page.unwrap_or_else(|| panic!("{path}"));
        assert!(pages.contains(page), "{page}");
        linked.insert(page.to_owned());
    }
    // Whoever reads the README finds each of them.
    assert_eq!(linked, pages);
}

/// The value of a line of the workspace's manifest.
fn of_workspace(key: &str) -> &'static str {
    const MANIFEST: &str = include_str!("../../Cargo.toml");
    let (_, rest) = MANIFEST.split_once(&format!("\n{key} = \"")).unwrap();
    rest.split_once('"').unwrap().0
}

#[test]
fn each_badge_is_true() {
    let label = |badge: &str| badge.split_once("-555)").unwrap().0.to_owned();
    let badges: Vec<String> = README
        .split("https://img.shields.io/badge/")
        .skip(1)
        .map(label)
        .collect();
    let rust = format!("rust-{}+", of_workspace("rust-version"));
    let license = of_workspace("license")
        .replace('-', "--")
        .replace(' ', "%20");
    let license = format!("license-{license}");
    assert_eq!(of_workspace("unsafe_code"), "forbid");
    assert_eq!(badges, [rust, license, "unsafe-forbidden".to_owned()]);
}
