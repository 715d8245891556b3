#[authsafe::routes(client_id = config::client_id)]
mod auth {}

mod config {
    pub(super) fn client_id() -> String {
        "abc".to_owned()
    }
}

fn main() {
    drop(auth::from_env());
}
