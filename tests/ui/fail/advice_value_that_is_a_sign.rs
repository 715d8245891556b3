#[authsafe::routes(on_event = *)]
mod auth {}

fn main() {}
