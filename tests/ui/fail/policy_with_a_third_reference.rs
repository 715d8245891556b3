use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner(_: &Session, _: u64, _: &Parts) -> bool {
    true
}

#[authsafe::require(policy = owner)]
async fn handler() {}

fn main() {}
