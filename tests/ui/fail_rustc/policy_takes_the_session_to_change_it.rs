use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner(_: &mut Session, _: &Parts) -> bool {
    true
}

fn main() {}
