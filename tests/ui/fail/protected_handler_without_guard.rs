#[authsafe::protected]
mod handlers {
    pub async fn open() {}
}

fn main() {
    drop(handlers::open());
}
