#[authsafe::routes(protect("/files/{*path}" => auth))]
mod auth {}

fn main() {}
