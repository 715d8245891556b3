mod origins {
    pub fn own() -> String {
        "https://own.example.com".to_owned()
    }
}

mod some {
    #[authsafe::routes(cross_origin = allow(
        "https://admin.example.com",
        env("OWN_ORIGIN"),
        env("OTHER_ORIGIN", default = "http://localhost:5173"),
        super::origins::own,
    ))]
    pub mod auth {}
}

mod all {
    #[authsafe::routes(cross_origin = unchecked)]
    pub mod auth {}
}

fn main() {
    drop(some::auth::from_env());
    drop(all::auth::from_env());
}
