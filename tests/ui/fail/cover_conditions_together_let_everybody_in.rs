#[authsafe::routes(
    roles("a", "b"),
    protect("/app/**" => any(all(role("a"), role("b")), not(role("a")), not(role("b"))))
)]
mod auth {}

fn main() {}
