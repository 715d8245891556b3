#[authsafe::routes]
mod auth {}

#[authsafe::require_auth]
async fn dashboard() -> &'static str {
    "hello"
}

async fn home() -> &'static str {
    dashboard().await
}

fn main() {
    let _ = home;
}
