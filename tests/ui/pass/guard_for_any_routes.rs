use authsafe::require_scope;

#[require_scope("admin", routes = any)]
pub async fn library_handler() {}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(library_handler);
}
