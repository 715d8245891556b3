mod deps {
    pub use authsafe as sign_in;
}

use deps::sign_in;

#[sign_in::routes(crate = crate::deps::sign_in, scopes("openid", "admin"), client_id = "abc")]
mod auth {}

#[sign_in::require_scope("admin", crate = crate::deps::sign_in)]
async fn handler() {}

fn main() {
    let _ = handler;
    drop(auth::from_env());
}
