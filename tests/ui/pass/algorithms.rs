use authsafe::__private::parts;

#[authsafe::routes]
mod silent {}

#[authsafe::routes(algorithms("ES256"))]
mod one {}

#[authsafe::routes(algorithms(
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
))]
mod all {}

fn main() {
    drop(silent::from_env());
    drop(one::from_env());
    drop(all::from_env());
    assert!(parts(silent::SPEC).algorithms.is_empty());
    assert_eq!(parts(one::SPEC).algorithms, ["ES256"]);
    assert_eq!(parts(all::SPEC).algorithms.len(), 9);
}
