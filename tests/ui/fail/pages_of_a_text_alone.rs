#[authsafe::routes(pages("/sorry"))]
mod auth {}

fn main() {}
