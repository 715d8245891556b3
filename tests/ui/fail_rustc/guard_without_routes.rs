use authsafe::require_scope;

#[require_scope("admin")]
async fn handler() {}

fn main() {
    let _ = handler;
}
