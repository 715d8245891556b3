#[authsafe::require(permitAll)]
async fn handler() {}

fn main() {
    let _ = handler;
}
