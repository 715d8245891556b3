use authsafe::{Of, Session};

async fn handler(_: Of<Session, u8>) {}

fn main() {
    let _ = axum::Router::<()>::new().route("/", axum::routing::get(handler));
}
