#[authsafe::routes(
    logout = "local",
    paths(signed_out = "signed-out"),
)]
mod auth {}

fn main() {}
