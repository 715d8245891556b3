#[authsafe::protected]
mod handlers {
    #[cfg_attr(not(debug_assertions), authsafe::require_scope("admin"))]
    pub async fn open() {}
}

fn main() {
    drop(handlers::open());
}
