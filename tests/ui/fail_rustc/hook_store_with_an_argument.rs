#[authsafe::routes(session(store = sessions))]
mod auth {}

async fn sessions(_: &str) -> Result<authsafe::store::Memory, String> {
    Ok(authsafe::store::Memory::default())
}

fn main() {}
