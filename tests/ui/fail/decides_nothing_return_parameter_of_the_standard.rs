#[authsafe::routes(
    logout(return_parameter = "post_logout_redirect_uri"),
)]
mod auth {}

fn main() {}
