#[authsafe::routes(
    paths(backchannel_logout = "ended"),
    protect("/api/auth/ended" => auth)
)]
mod auth {}

fn main() {}
