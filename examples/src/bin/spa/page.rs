//! The page and what belongs to it: files, and the headers around them.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// The quickstart's look, and what this page has beyond it.
const STYLE: &str = concat!(
    include_str!("../../../../authsafe/new/src/style.css"),
    include_str!("spa.css")
);

pub fn router() -> Router {
    Router::new()
        .route("/", get(file(HTML, include_str!("index.html"))))
        .route("/app.js", get(file(SCRIPT, include_str!("app.js"))))
        .route("/api.js", get(file(SCRIPT, include_str!("api.js"))))
        .route("/style.css", get(file(CSS, STYLE)))
}

type File = ([(HeaderName, &'static str); 1], &'static str);

fn file(kind: &'static str, text: &'static str) -> File {
    ([(header::CONTENT_TYPE, kind)], text)
}

/// What every answer carries: the page's own scripts and no other, no frames, no copies left behind.
pub async fn headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
         form-action 'none'; frame-ancestors 'none'; base-uri 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];
