#[authsafe::routes(session(store = sessions))]
pub mod auth {}

fn sessions() -> authsafe::Memory {
    authsafe::Memory::default()
}

fn main() {}
