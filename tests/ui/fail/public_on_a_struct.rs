#[authsafe::public]
struct Handler;

fn main() {
    let _ = Handler;
}
