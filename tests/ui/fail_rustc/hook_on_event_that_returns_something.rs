#[authsafe::routes(on_event = log)]
mod auth {}

fn log(event: &authsafe::hooks::Event<'_>) -> String {
    format!("{event:?}")
}

fn main() {}
