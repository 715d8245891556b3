#[authsafe::routes(app_url = "env(APP_URL)")]
mod auth {}

fn main() {}
