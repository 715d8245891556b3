#[authsafe::routes(on_event = audit::log)]
mod auth {}

mod audit {
    pub(super) fn log(_: &authsafe::hooks::Event<'_>) {}
}

fn main() {
    drop(auth::from_env());
}
