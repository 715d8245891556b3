#[authsafe::routes(protect("/admin/**" => hasRole("admin")))]
mod auth {}

fn main() {}
