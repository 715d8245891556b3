#[authsafe::routes]
struct Auth;

fn main() {
    let _ = Auth;
}
