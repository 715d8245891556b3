#[authsafe::routes(on_event = crate::audit::log)]
mod auth {}

mod audit {
    pub fn log(_: authsafe::hooks::Event<'_>) {}
}

fn main() {}
