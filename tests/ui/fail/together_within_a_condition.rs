#[authsafe::routes(protect("/a" => all(rol("a"), not(scop("b")))))]
mod auth {}

fn main() {}
