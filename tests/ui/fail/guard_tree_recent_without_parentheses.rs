#[authsafe::require(not(recent))]
async fn handler() {}

fn main() {}
