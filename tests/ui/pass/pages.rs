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

mod form {
    #[authsafe::routes(keep_post = "2KB")]
    pub mod auth {}
}

mod long_form {
    #[authsafe::routes(keep_post = "32KB", shared_state(redis = env("REDIS_URL")))]
    pub mod auth {}
}

fn main() {
    drop(form::auth::from_env());
    drop(long_form::auth::from_env());
    drop(all::auth::from_env());
    drop(one::auth::from_env());
}
