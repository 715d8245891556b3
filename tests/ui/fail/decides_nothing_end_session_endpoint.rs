#[authsafe::routes(
    logout = "local",
    endpoints(end_session = "https://id.example.com/logout"),
)]
mod auth {}

fn main() {}
