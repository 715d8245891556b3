#[authsafe::routes(provider = "azure")]
mod auth {}

fn main() {}
