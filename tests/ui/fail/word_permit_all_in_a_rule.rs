#[authsafe::routes(protect("/health" => permitAll(), "/**" => auth))]
mod auth {}

fn main() {}
