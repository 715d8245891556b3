#[authsafe::require(all())]
async fn handler() {}

fn main() {}
