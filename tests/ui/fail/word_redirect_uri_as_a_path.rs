#[authsafe::routes(redirect_uri = "/auth/callback")]
mod auth {}

fn main() {}
