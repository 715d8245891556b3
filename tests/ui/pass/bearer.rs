use authsafe::__private::parts;

const AUDIENCE: &str = "api://orders";

#[authsafe::routes(bearer(audience = "https://api.example.com"))]
mod literal {}

#[authsafe::routes(bearer(audience = env("API_AUDIENCE", default = "orders")))]
mod variable {}

#[authsafe::routes(
    bearer(audience = AUDIENCE, max_age = "7d", opaque_without_audience),
    endpoints(introspection = "https://identities.example.com/introspect")
)]
mod constant {}

fn main() {
    drop(literal::from_env());
    drop(variable::from_env());
    drop(constant::from_env());
    assert_eq!(parts(constant::SPEC).bearer.unwrap().max_age.as_secs(), 7 * 86_400);
}
