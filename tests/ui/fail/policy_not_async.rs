use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
fn owner(_: &Session, _: &Parts) -> bool {
    true
}

fn main() {}
