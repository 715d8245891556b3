#[authsafe::routes(on_event = Some(log))]
mod auth {}

fn main() {}
