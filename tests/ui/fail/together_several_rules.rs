#[authsafe::routes(protect("/a" => rol("a"), "/b" => scop("openid"), "/c"))]
mod auth {}

fn main() {}
