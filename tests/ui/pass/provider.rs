mod one {
    #[authsafe::routes(provider(timeout = "30s"))]
    pub mod auth {}
}

mod two {
    #[authsafe::routes(provider(timeout = "10s", leeway = "10m"), app_url = "http://app.localhost:3000")]
    pub mod auth {}
}

fn main() {
    drop(one::auth::from_env());
    drop(two::auth::from_env());
}
