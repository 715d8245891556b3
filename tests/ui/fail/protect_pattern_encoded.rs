#[authsafe::routes(
    protect("/%61dmin" => auth)
)]
mod auth {}

fn main() {}
