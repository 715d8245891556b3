use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner(_: &Parts, _: &Session) -> bool {
    true
}

fn main() {}
