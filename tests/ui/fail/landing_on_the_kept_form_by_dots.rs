#[authsafe::routes(
    keep_post = "2KB",
    landing(_ => "/api/auth/signin/./form"),
)]
mod auth {}

fn main() {}
