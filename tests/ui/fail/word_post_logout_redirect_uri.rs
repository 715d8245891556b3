#[authsafe::routes(post_logout_redirect_uri = "https://app.example.com/bye")]
mod auth {}

fn main() {}
