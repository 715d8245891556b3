//! What the attribute and ten guards add to an incremental `cargo check`: prints the figure.
//!
//! A crate with ten handlers is checked again and again after a change to its text, with the
//! attributes and without.
//!
//! `cargo run -p authsafe-tests --example macro_cost`

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 11;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let root = workspace.join("target/macro-cost");
    let with = crate_at(&root, workspace, "with", true);
    let without = crate_at(&root, workspace, "without", false);

    let (mut slow, mut fast) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (a, b) = (check(&with, round), check(&without, round));
        // The first round builds what both depend on.
        if round > 0 {
            slow.push(a);
            fast.push(b);
        }
    }
    let (slow, fast) = (median(slow), median(fast));
    println!("cargo check without the attributes: {fast:.0?}");
    println!("cargo check with routes and ten guards: {slow:.0?}");
    println!("added: {:.0?}", slow.saturating_sub(fast));
}

fn crate_at(root: &Path, workspace: &Path, name: &str, attributes: bool) -> PathBuf {
    let at = root.join(name);
    fs::create_dir_all(at.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nauthsafe = {{ path = {:?} }}\naxum = {{ version = \"0.8\", default-features = false }}\n",
        workspace.join("authsafe")
    );
    fs::write(at.join("Cargo.toml"), manifest).unwrap();
    fs::copy(workspace.join("Cargo.lock"), at.join("Cargo.lock")).unwrap();
    fs::write(at.join("src/main.rs"), source(attributes)).unwrap();
    at
}

/// The same app; without the attributes its handlers ask for the session alone.
fn source(attributes: bool) -> String {
    let mut source = String::from("use authsafe::Session;\nuse axum::{Router, routing::get};\n");
    let (mut handlers, mut routes) = (String::new(), String::new());
    if attributes {
        source += "#[authsafe::routes(scopes(\"openid\", \"offline_access\", \"admin\"), landing(scope(\"admin\") => \"/admin\", _ => \"/\"))]\npub mod auth {}\n";
    }
    for n in 0..10 {
        if attributes {
            handlers += "#[authsafe::require_scope(\"admin\")]\n";
        }
        handlers += &format!(
            "async fn handler_{n}(session: Session) -> String {{ format!(\"{n} {{}}\", session.user().display_name()) }}\n"
        );
        routes += &format!(".route(\"/{n}\", get(handler_{n}))");
    }
    source + &handlers + &format!("fn main() {{ let _: Router = Router::new(){routes}; }}\n")
}

/// One check after a change in the crate's text.
fn check(at: &Path, round: usize) -> Duration {
    let path = at.join("src/main.rs");
    let source = fs::read_to_string(&path).unwrap();
    let source = source.split("\nconst ROUND").next().unwrap();
    fs::write(
        &path,
        format!("{source}\nconst ROUND: usize = {round}; const _: usize = ROUND;\n"),
    )
    .unwrap();
    let start = Instant::now();
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--quiet"])
        .current_dir(at)
        .env("CARGO_TARGET_DIR", at.with_file_name("shared"))
        .status()
        .unwrap();
    assert!(checked.success(), "cargo check failed in {}", at.display());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
