//! The single-page front end in a browser: a headless Chromium signs in, looks, asks, renews and
//! signs out, as a person would.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod browser;
mod devtools;
mod program;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::{Client, Locator};
use serde_json::Value;

use browser::{Person, Running, driver, tempdir};

/// The app, on a free port, and its address.
fn app() -> (Running, String) {
    let mut command = program::unconfigured(env!("CARGO_BIN_EXE_spa"));
    let mut app = command.stdout(Stdio::piped()).spawn();
    let printed = app.as_mut().unwrap().stdout.take().unwrap();
    let app = Running(app.unwrap());
    let mut lines = BufReader::new(printed).lines().map(Result::unwrap);
    let line = lines.find(|line| line.trim().starts_with("app")).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    (app, line.split_whitespace().nth(1).unwrap().to_owned())
}

/// What a person does on this page.
impl Person<'_> {
    /// Signs in as somebody at the local provider's page.
    async fn signs_in(&self, user: &str) {
        self.clicks("#sign-in").await;
        let button = format!("button[name=user][value$={user}]");
        self.clicks(&button).await;
    }

    /// What a script gets here.
    async fn script(&self, script: &str) -> Value {
        self.0.execute_async(script, Vec::new()).await.unwrap()
    }

    /// Puts a picture into the target folder, for whoever wants to look.
    async fn shoots(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("spa");
        fs::create_dir_all(&folder).unwrap();
        let picture = self.0.screenshot().await.unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
        fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}

/// Calls `GET session` and gives the answer's status to the test.
const STATUS: &str =
    "const done = arguments[0]; fetch('/api/auth/session').then((it) => done(it.status));";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_looks_asks_renews_and_signs_out() {
    let profile = tempdir::Folder::new("spa");
    let Some((driver, port)) = driver() else {
        eprintln!("SKIPPED: no `chromedriver` here; apt-get install chromium chromium-driver");
        return;
    };
    let (app, url) = app();
    let browser = browser::browser(port, &profile).await;
    // In a task of its own, so that the browser is closed when it fails.
    let story = tokio::spawn(story(browser.clone(), url)).await;
    let _ = browser.close().await;
    drop((driver, app));
    story.unwrap();
}

async fn story(browser: Client, url: String) {
    let person = Person(&browser);
    browser.goto(&url).await.unwrap();

    // Nobody is there.
    person.reads("#signed-out h1", "Welcome").await;
    assert_eq!(person.script(STATUS).await, 401);
    person.shoots("signed-out").await;

    // Alice signs in and sees her name, her scopes, and when the session ends.
    person.signs_in("alice").await;
    person.reads("#hello", "Alice").await;
    person.reads("#email", "alice@example.com").await;
    person.reads("#scopes", "admin").await;
    person.reads("#ends", "in 7 hours").await;
    assert_eq!(person.script(STATUS).await, 200);

    // No script sees a cookie or a token.
    let cookies = person.script("arguments[0](document.cookie)").await;
    assert_eq!(cookies, "");

    // She asks the API; what others wrote stays text.
    person.clicks("[data-ask='/api/notes']").await;
    person
        .reads("#answer", "Call the <b>plumber</b> & ask")
        .await;
    person.clicks("[data-ask='/api/figures']").await;
    person.reads("#answer", "Notes written: 3").await;

    // She renews the session: it is issued anew, and ends when it did.
    let moment = |id: &str| format!("arguments[0](document.getElementById('{id}').dateTime)");
    let issued = person.script(&moment("issued")).await;
    let ends = person.script(&moment("ends")).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    person.clicks("#refresh").await;
    for attempt in 0.. {
        if person.script(&moment("issued")).await != issued {
            break;
        }
        assert!(attempt < 300, "the session was never renewed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(person.script(&moment("ends")).await, ends);

    for (name, dark, width) in [
        ("light", false, 900),
        ("dark", true, 900),
        ("phone", false, 390),
        ("phone-dark", true, 390),
    ] {
        person.looks(dark, width, 900).await;
        person.shoots(name).await;
        let fits = "arguments[0](document.documentElement.scrollWidth <= innerWidth)";
        assert_eq!(person.script(fits).await, true, "{name}");
    }

    // She signs out; the provider is asked as well, and sends her back.
    person.clicks("#sign-out").await;
    person.reads("#signed-out h1", "Welcome").await;
    assert_eq!(browser.current_url().await.unwrap().path(), "/");
    assert_eq!(person.script(STATUS).await, 401);
    assert!(
        !person
            .0
            .find(Locator::Css("#signed-in"))
            .await
            .unwrap()
            .is_displayed()
            .await
            .unwrap()
    );

    // Bob may not see the figures, and is told so kindly.
    person.signs_in("bob").await;
    person.reads("#hello", "Bob").await;
    person.clicks("[data-ask='/api/figures']").await;
    person.reads("#answer", "Not for you").await;
    person.shoots("forbidden").await;

    // Somebody signs him out behind the page's back: it tells him when he asks for something.
    let gone = "const done = arguments[0];
        fetch('/api/auth/logout', { method: 'POST' }).then((it) => it.json()).then(done);";
    assert_eq!(person.script(gone).await["success"], true);
    person.clicks("[data-ask='/api/notes']").await;
    person.reads("#notice", "Your session has ended").await;
    person.sees("#sign-in").await;
    person.shoots("ended").await;
}
