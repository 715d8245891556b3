#[authsafe::routes(session(store = sessions))]
pub mod auth {}

fn sessions() -> authsafe::store::Memory {
    authsafe::store::Memory::default()
}

fn main() {}
