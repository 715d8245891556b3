use authsafe::Session;
use http::request::Parts;

async fn owner(_: &Session, _: &Parts) -> bool {
    true
}

#[authsafe::require(policy = owner)]
async fn handler() {}

fn main() {}
