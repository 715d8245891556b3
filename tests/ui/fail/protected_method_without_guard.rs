#[authsafe::protected]
mod handlers {
    pub struct Pages;

    impl Pages {
        pub async fn open() {}
    }
}

fn main() {
    drop(handlers::Pages::open());
}
