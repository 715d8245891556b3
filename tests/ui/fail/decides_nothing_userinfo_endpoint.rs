#[authsafe::routes(
    userinfo = "never",
    endpoints(userinfo = "https://id.example.com/me"),
)]
mod auth {}

fn main() {}
