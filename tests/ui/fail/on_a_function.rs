#[authsafe::routes]
fn auth() {}

fn main() {
    auth();
}
