mod here {
    #[authsafe::routes(logout = "local", revoke_at_logout = false)]
    pub mod auth {}
}

mod there {
    #[authsafe::routes(logout = "provider", revoke_at_logout, paths(signed_out = "signed-out"))]
    pub mod auth {}
}

mod cognito {
    #[authsafe::routes(logout(return_parameter = "logout_uri"))]
    pub mod auth {}
}

fn main() {
    drop(here::auth::from_env());
    drop(there::auth::from_env());
    drop(cognito::auth::from_env());
}
