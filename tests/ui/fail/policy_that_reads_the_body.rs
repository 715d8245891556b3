use authsafe::Session;
use axum::Json;

#[authsafe::policy]
async fn owner(_: &Session, Json(_): Json<u64>) -> bool {
    true
}

#[authsafe::require(policy = owner)]
async fn handler() {}

fn main() {}
