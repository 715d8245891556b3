mod web {
    fn here(_: &authsafe::hooks::Event<'_>) {}

    pub mod sign_in {
        pub mod audit {
            pub fn beside(_: &authsafe::hooks::Event<'_>) {}
        }

        #[authsafe::routes(on_event = audit::beside)]
        pub mod beside {}

        #[authsafe::routes(on_event = super::here)]
        pub mod above {}

        #[authsafe::routes(on_event = self::audit::beside, client_id = ::std::string::String::new)]
        pub mod itself {}
    }
}

fn main() {
    drop(web::sign_in::beside::from_env());
    drop(web::sign_in::above::from_env());
    drop(web::sign_in::itself::from_env());
}
