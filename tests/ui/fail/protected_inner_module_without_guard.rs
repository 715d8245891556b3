#[authsafe::protected]
mod handlers {
    pub mod admin {
        pub(crate) async fn open() {}
    }
}

fn main() {
    drop(handlers::admin::open());
}
