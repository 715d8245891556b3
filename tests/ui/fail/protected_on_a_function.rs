#[authsafe::protected]
async fn open() {}

fn main() {
    drop(open());
}
