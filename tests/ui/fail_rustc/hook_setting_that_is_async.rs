#[authsafe::routes(client_id = id)]
mod auth {}

async fn id() -> String {
    "shop".to_owned()
}

fn main() {}
