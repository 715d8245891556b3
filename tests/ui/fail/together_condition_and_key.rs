#[authsafe::require_role(ayn("a", "b"), rout = any)]
async fn handler() {}

fn main() {
    let _ = handler;
}
