#[authsafe::routes(
    landing(_ => "/api/auth/%73ignin"),
)]
mod auth {}

fn main() {}
