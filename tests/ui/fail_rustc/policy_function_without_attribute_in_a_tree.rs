use authsafe::Session;
use http::request::Parts;

#[authsafe::routes]
mod auth {}

mod documents {
    use super::*;

    pub async fn owner(_: &Session, _: &Parts) -> bool {
        true
    }
}

#[authsafe::require(any(role("admin"), policy(documents::owner)))]
async fn handler() {}

fn main() {}
