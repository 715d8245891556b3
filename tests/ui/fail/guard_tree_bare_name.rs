#[authsafe::require("admin")]
async fn handler() {}

fn main() {}
