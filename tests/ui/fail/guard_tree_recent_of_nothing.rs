#[authsafe::require(recent())]
async fn handler() {}

fn main() {}
