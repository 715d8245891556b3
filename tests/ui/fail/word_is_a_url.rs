#[authsafe::routes("https://identities.example.com")]
mod auth {}

fn main() {}
