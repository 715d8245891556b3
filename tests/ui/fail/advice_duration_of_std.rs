#[authsafe::routes(session(max_age = Duration::from_secs(3600)))]
mod auth {}

fn main() {}
