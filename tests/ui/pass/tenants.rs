mod any {
    #[authsafe::routes(tenants = any)]
    pub mod auth {}
}

mod two {
    #[authsafe::routes(tenants(
        "11111111-2222-3333-4444-555555555555",
        "99999999-2222-3333-4444-555555555555",
    ))]
    pub mod auth {}
}

fn main() {
    drop(any::auth::from_env());
    drop(two::auth::from_env());
}
