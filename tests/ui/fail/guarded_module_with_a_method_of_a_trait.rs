#[authsafe::routes]
mod auth {}

#[authsafe::require_auth]
mod handlers {
    use std::convert::Infallible;

    use axum::extract::FromRequestParts;
    use axum::http::request::Parts;

    pub async fn order(_: Shop) {}

    pub struct Shop;

    impl<S: Sync> FromRequestParts<S> for Shop {
        type Rejection = Infallible;

        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
            Ok(Self)
        }
    }
}

fn main() {}
