#[authsafe::routes(protect("/**" => auth), public("/health" => auth))]
mod auth {}

fn main() {}
