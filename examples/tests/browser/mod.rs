//! A headless Chromium, and a person in front of it.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// A program that ends with the test, however that ends.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What drives the browser. `None`: it is not installed.
pub(crate) fn driver() -> Option<(Running, u16)> {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}"));
    match command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(driver) => Some((Running(driver), port)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("chromedriver does not start: {error}"),
    }
}

/// A new browser with nothing in it.
pub(crate) async fn browser(driver: u16, profile: &tempdir::Folder) -> Client {
    let args = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=900,1000",
        &format!("--user-data-dir={}", profile.path()),
    ];
    let options = json!({ "args": args });
    let capabilities = [("goog:chromeOptions".to_owned(), options)];
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities.into_iter().collect());
    let url = format!("http://127.0.0.1:{driver}");
    // The driver takes a moment until it listens.
    for _ in 0..100 {
        match builder.connect(&url).await {
            Ok(client) => return client,
            Err(fantoccini::error::NewSessionError::Lost(_)) => {}
            Err(fantoccini::error::NewSessionError::Failed(_)) => {}
            Err(error) => panic!("no browser: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("chromedriver does not listen on {url}");
}

/// A person in front of the browser.
pub(crate) struct Person<'b>(pub(crate) &'b Client);

impl Person<'_> {
    /// Waits until this can be seen.
    pub(crate) async fn sees(&self, css: &str) -> Element {
        for _ in 0..300 {
            if let Ok(found) = self.0.find(Locator::Css(css)).await
                && found.is_displayed().await.unwrap_or(false)
            {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let page = self.0.source().await.unwrap_or_default();
        panic!("never saw {css} on {page}");
    }

    /// Waits until this reads so.
    pub(crate) async fn reads(&self, css: &str, text: &str) {
        let mut read = String::new();
        for _ in 0..300 {
            read = self.sees(css).await.text().await.unwrap_or_default();
            if read.contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{css} reads {read:?}, not {text:?}");
    }

    pub(crate) async fn clicks(&self, css: &str) {
        self.sees(css).await.click().await.unwrap();
    }
}

pub(crate) mod tempdir {
    //! A folder that goes with the test.

    use std::path::PathBuf;

    pub(crate) struct Folder(PathBuf);

    impl Folder {
        pub(crate) fn new(test: &str) -> Self {
            let name = format!("{test}-profile-{}", std::process::id());
            let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        pub(crate) fn path(&self) -> String {
            self.0.display().to_string()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
