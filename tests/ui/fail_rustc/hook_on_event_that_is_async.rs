#[authsafe::routes(on_event = log)]
mod auth {}

async fn log(_: &authsafe::hooks::Event<'_>) {}

fn main() {}
