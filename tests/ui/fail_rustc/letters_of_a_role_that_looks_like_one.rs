use authsafe::require_role;

#[authsafe::routes(roles("oca"))]
mod auth {}

// Three letters of another script.
#[require_role("оса")]
async fn handler() {}

fn main() {
    let _ = handler;
}
