use authsafe::__private::parts;

#[authsafe::routes(session(max_age = "8h", idle = "30m", transaction = "5m", auto_refresh = false))]
mod auth {}

fn main() {
    assert_eq!(parts(auth::SPEC).session.max_age.as_secs(), 8 * 3600);
    assert!(!parts(auth::SPEC).session.auto_refresh);
}
