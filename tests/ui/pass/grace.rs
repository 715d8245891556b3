mod some {
    #[authsafe::routes(session(grace = "15m"))]
    pub mod auth {}
}

mod none {
    #[authsafe::routes(session(grace = none))]
    pub mod auth {}
}

fn main() {
    drop(some::auth::from_env());
    drop(none::auth::from_env());
}
