use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner(_: &Session, _: &Parts) -> u8 {
    1
}

fn main() {}
