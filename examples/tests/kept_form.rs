//! A form that meets a sign-in, in a browser: it is followed to where it is kept with its body and its origin, and
//! sent again by the button.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod browser;

use authsafe::dev::LocalProvider;
use authsafe::{Session, require_auth};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use fantoccini::{Client, Locator};
use url::form_urlencoded;

use browser::{Person, driver, tempdir};

#[authsafe::routes(keep_post = "2KB")]
mod auth {}

const TEXT: &str = "K\u{e4}se & \"<b>Brot</b>\"\nund Wein";

async fn note() -> Html<&'static str> {
    Html(
        "<!doctype html><form method=post action=/note?for=later>\
         <textarea name=text></textarea><input type=hidden name=csrf value=abc><button>Save</button></form>",
    )
}

#[require_auth]
async fn save(session: Session, uri: axum::http::Uri, form: String) -> String {
    let fields: Vec<_> = form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    format!("{} {uri} {fields:?}", session.user().id())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_has_to_sign_in_first_sends_the_form_after_it() {
    let profile = tempdir::Folder::new("kept-form");
    let Some((driver, port)) = driver() else {
        eprintln!("SKIPPED: no `chromedriver` here; apt-get install chromium chromium-driver");
        return;
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    let auth = auth::from_vars(provider.vars(&url)).await.unwrap();
    let app = Router::new()
        .route("/note", get(note).post(save))
        .merge(auth.router())
        .layer(auth.layer());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let browser = browser::browser(port, &profile).await;
    let story = tokio::spawn(story(browser.clone(), url)).await;
    let _ = browser.close().await;
    drop(driver);
    story.unwrap();
}

async fn story(browser: Client, url: String) {
    let person = Person(&browser);
    browser.goto(&format!("{url}/note")).await.unwrap();
    person.sees("textarea").await.send_keys(TEXT).await.unwrap();
    person.clicks("button").await;
    // At the provider.
    person.clicks("button[name=user][value$=alice]").await;
    person.reads("h1", "Send it now?").await;
    person.reads("main p", "/note?for=later").await;
    person.clicks("button.go").await;
    // As a browser sends line breaks.
    let text = TEXT.replace('\n', "\r\n");
    let fields = [("text", text.as_str()), ("csrf", "abc")];
    person
        .reads("pre", &format!("/note?for=later {fields:?}"))
        .await;
    person.reads("pre", "authsafe|alice").await;
    // The back button shows no form any more.
    browser.back().await.unwrap();
    browser.refresh().await.unwrap();
    assert!(browser.find(Locator::Css("button.go")).await.is_err());
}
