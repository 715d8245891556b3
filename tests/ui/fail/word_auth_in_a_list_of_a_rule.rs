#[authsafe::routes(protect("/admin/**" => all(auth, role("admin"))))]
mod auth {}

fn main() {}
