#[authsafe::require(all(scop("openid"), rol("b")))]
async fn handler() {}

fn main() {
    let _ = handler;
}
