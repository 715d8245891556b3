#[authsafe::require_auth(redirect_to = "/login")]
async fn handler() {}

fn main() {
    let _ = handler;
}
