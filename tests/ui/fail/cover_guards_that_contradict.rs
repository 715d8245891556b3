use authsafe::{require, require_auth, require_role};

#[authsafe::routes(roles("guest", "staff"))]
mod auth {}

#[require_auth]
#[require(not(role("guest")))]
#[require_role("guest")]
async fn handler() {}

#[require(not(role("staff")))]
mod handlers {
    // Its own guard decides here.
    #[authsafe::require_role("staff")]
    async fn own() {}
}

fn main() {}
