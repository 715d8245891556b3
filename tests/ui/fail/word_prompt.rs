#[authsafe::routes(prompt = "consent")]
mod auth {}

fn main() {}
