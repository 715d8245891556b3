use authsafe::__private::parts;

#[authsafe::routes(session(refresh_before = "2m"))]
mod auth {}

#[authsafe::routes]
mod silent {}

fn main() {
    assert_eq!(parts(auth::SPEC).session.refresh_before.as_secs(), 120);
    assert_eq!(parts(silent::SPEC).session.refresh_before.as_secs(), 60);
}
