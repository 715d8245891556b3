//! The pictures of the README: the quickstart's page of whoever is signed in, light and dark.
//!
//! `UPDATE_PICTURES=1 cargo test -p authsafe-examples --test pictures` makes them anew; cut the
//! scroll bar off and give them 64 colours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod browser;
mod devtools;
mod program;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use browser::{Person, Running, driver, tempdir};

const README: &str = include_str!("../../README.md");

/// Where a picture lies, as the README links to it.
const PICTURES: [(&str, bool); 2] = [
    ("examples/pictures/signed-in.png", false),
    ("examples/pictures/signed-in-dark.png", true),
];

fn file(picture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(picture)
}

#[test]
fn the_readme_has_a_small_picture_of_each_kind() {
    for (picture, _) in PICTURES {
        assert!(README.contains(picture), "{picture}");
        let png = fs::read(file(picture)).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{picture}");
        assert!(png.len() < 24_000, "{picture}: {} bytes", png.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signed_in_page_is_light_or_dark_as_the_browser_asks() {
    let profile = tempdir::Folder::new("pictures");
    let Some((driver, port)) = driver() else {
        eprintln!("SKIPPED: no `chromedriver` here; apt-get install chromium chromium-driver");
        return;
    };
    let mut app = program::unconfigured(env!("CARGO_BIN_EXE_quickstart"));
    let mut app = app.stdout(Stdio::piped()).spawn().unwrap();
    let printed = app.stdout.take().unwrap();
    let app = Running(app);
    let mut lines = BufReader::new(printed).lines().map(Result::unwrap);
    let line = lines.find(|line| line.trim().starts_with("app")).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let url = line.split_whitespace().nth(1).unwrap().to_owned();

    let browser = browser::browser(port, &profile).await;
    let client = browser.clone();
    // In a task of its own, so that the browser is closed when it fails.
    let story = tokio::spawn(async move {
        let person = Person(&client);
        client.goto(&format!("{url}/dashboard")).await.unwrap();
        person.clicks("button[name=user][value$=alice]").await;
        person.reads("h1", "Dashboard").await;
        client.goto(&url).await.unwrap();
        person.reads("h1", "Alice Admin").await;
        let mut pictures = Vec::new();
        for (picture, dark) in PICTURES {
            person.looks(dark, 640, 620).await;
            pictures.push((picture, client.screenshot().await.unwrap()));
        }
        pictures
    });
    let story = story.await;
    let _ = browser.close().await;
    drop((driver, app));

    let pictures = story.unwrap();
    assert_ne!(pictures[0].1, pictures[1].1);
    for (picture, png) in pictures {
        assert!(png.starts_with(b"\x89PNG"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let to = match env::var_os("UPDATE_PICTURES") {
            Some(_) => file(picture),
            None => folder.join(Path::new(picture).file_name().unwrap()),
        };
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, png).unwrap();
    }
}
