mod neither {
    #[authsafe::routes(session(keep(id_token = false, access_token = false)))]
    pub mod auth {}
}

mod one {
    #[authsafe::routes(keep("department"), session(keep(id_token, access_token = false)))]
    pub mod auth {}
}

mod both {
    #[authsafe::routes(session(keep(id_token, access_token = true)))]
    pub mod auth {}
}

fn main() {
    drop(neither::auth::from_env());
    drop(one::auth::from_env());
    drop(both::auth::from_env());
}
