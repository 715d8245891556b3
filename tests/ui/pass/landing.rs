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
    assert_eq!(auth::SPEC.landing.len(), 4);
    assert!(auth::SPEC.landing[0].always);
}
