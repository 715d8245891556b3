#[authsafe::routes(protect("/admin/**" => admin))]
mod auth {}

fn main() {}
