#[authsafe::routes(protect("/health" => public, "/**" => auth))]
mod auth {}

fn main() {}
