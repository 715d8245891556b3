#[authsafe::routes(on_error = "hooks::log")]
mod auth {}

fn main() {}
