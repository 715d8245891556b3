#[authsafe::require(not())]
async fn handler() {}

fn main() {}
