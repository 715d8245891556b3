mod query {
    #[authsafe::routes(response_mode = "query")]
    pub mod auth {}
}

mod form {
    #[authsafe::routes(response_mode = "form_post")]
    pub mod auth {}
}

fn main() {
    drop(query::auth::from_env());
    drop(form::auth::from_env());
}
