#[authsafe::routes]
mod auth {}

#[authsafe::policy(role("editor"))]
struct Editor;

#[authsafe::require(policy = Editor)]
async fn dashboard(name: String) -> String {
    name
}

async fn home() -> String {
    dashboard(String::new()).await
}

fn main() {
    let _ = home;
}
