use authsafe::__private::parts;

#[authsafe::routes(
    landing(
        always role("new") => "/welcome",
        all(scope("email"), any(role("a"), role("b"))) => "/ab?tab=1#top",
        scope("email") => "/mail",
        _ => "/",
    ),
)]
mod auth {}

fn main() {
    assert_eq!(parts(auth::SPEC).landing.len(), 4);
    assert!(parts(auth::SPEC).landing[0].always);
}
