use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner(_: &Session, _: &Parts) -> Option<bool> {
    Some(true)
}

fn main() {}
