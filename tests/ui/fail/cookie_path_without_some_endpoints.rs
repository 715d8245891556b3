#[authsafe::routes(
    paths(session = "who/am-i", backchannel_logout = "ended"),
    keep_post = "2KB",
    cookies(path = "/api/auth/who"),
)]
mod auth {}

fn main() {}
