#[authsafe::require]
async fn handler() {}

fn main() {}
