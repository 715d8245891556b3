use authsafe::{Response, Session};
use http::request::Parts;

#[authsafe::policy]
async fn owner(_: &Session, _: &Parts) -> Result<(), Response> {
    Ok(())
}

fn main() {}
