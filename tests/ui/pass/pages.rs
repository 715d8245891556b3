mod all {
    #[authsafe::routes(pages(
        error = "/oops",
        signed_out = "/bye",
        expired = "/welcome-back",
        sign_in = "/app/login"
    ),
    protect("/app/**" => auth), public("/app/login"), clear_site_data("cache", "cookies", "storage"))]
    pub mod auth {}
}

mod one {
    #[authsafe::routes(pages(error = "/oops"))]
    pub mod auth {}
}

fn main() {
    drop(all::auth::from_env());
    drop(one::auth::from_env());
}
