//! Who gets to which page, without a provider or a socket.

use authsafe::testing::Testing;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use tower::ServiceExt as _;

use crate::{app, auth};

struct Answer {
    status: StatusCode,
    location: String,
    text: String,
}

/// A person opens a page.
async fn open(testing: &Testing, path: &str, cookie: Option<HeaderValue>) -> Answer {
    let mut request = Request::get(path).header(header::ACCEPT, "text/html");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let response = app(testing.auth()).oneshot(request).await.unwrap();
    let location = response.headers().get(header::LOCATION);
    let location = location.map_or("", |it| it.to_str().unwrap()).to_owned();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap();
    let text = String::from_utf8(body.to_bytes().to_vec()).unwrap();
    Answer {
        status,
        location,
        text,
    }
}

#[tokio::test]
async fn anybody_may_come_in() {
    let testing = Testing::new(auth::SPEC);
    let home = open(&testing, "/", None).await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.text.contains("href=\"/api/auth/signin\""));
    let nowhere = open(&testing, "/nowhere", None).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_is_signed_out_is_sent_to_sign_in_and_comes_back() {
    let testing = Testing::new(auth::SPEC);
    let answer = open(&testing, "/dashboard", None).await;
    assert_eq!(answer.location, "/api/auth/signin?returnTo=%2Fdashboard");
}

#[tokio::test]
async fn who_is_signed_in_sees_the_dashboard() {
    let testing = Testing::new(auth::SPEC);
    let carol = testing.sign_in_as("carol").name("Carol <b>").cookie();
    let answer = open(&testing, "/dashboard", Some(carol)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("Carol &lt;b&gt;"));
}

#[tokio::test]
async fn the_administration_is_for_admins() {
    let testing = Testing::new(auth::SPEC);
    let bob = testing.sign_in_as("bob").cookie();
    let alice = testing.sign_in_as("alice").roles(["admin"]).cookie();
    let refused = open(&testing, "/admin", Some(bob)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let admitted = open(&testing, "/admin", Some(alice)).await;
    assert_eq!(admitted.status, StatusCode::OK);
}
