#[authsafe::routes(provider = "cognito", logout(return_parameter = "redirect_uri_of_logout"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
