#[authsafe::protected]
mod handlers {
    trait Admin {
        #[authsafe::require_auth]
        async fn dashboard() -> &'static str {
            "admin"
        }
    }
}

#[authsafe::require_auth]
mod others {
    #[authsafe::public]
    pub async fn health() {}

    trait Admin {
        #[authsafe::require_permission("a")]
        async fn dashboard(&self) {}
    }
}

fn main() {}
