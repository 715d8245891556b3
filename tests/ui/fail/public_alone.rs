#[authsafe::routes(
    public("/health")
)]
mod auth {}

fn main() {}
