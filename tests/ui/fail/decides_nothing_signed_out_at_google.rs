#[authsafe::routes(
    provider = "google",
    paths(signed_out = "signed-out"),
)]
mod auth {}

fn main() {}
