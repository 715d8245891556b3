#[authsafe::routes(protect("/app/**" => all(org("org_1"), org("org_2"))))]
mod auth {}

fn main() {}
