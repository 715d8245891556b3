#[authsafe::public("yes")]
async fn handler() {}

fn main() {
    drop(handler());
}
