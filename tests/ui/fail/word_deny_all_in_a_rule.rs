#[authsafe::routes(protect("/old/**" => denyAll))]
mod auth {}

fn main() {}
