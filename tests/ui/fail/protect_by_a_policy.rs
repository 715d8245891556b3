#[authsafe::routes(protect("/admin/**" => policy(owner)))]
mod auth {}

fn main() {}
