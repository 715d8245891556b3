#[authsafe::routes(response_mode = "form-post")]
mod auth {}

fn main() {}
