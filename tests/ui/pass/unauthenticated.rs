use authsafe::__private::parts;
use authsafe::hooks::SignedOut;
use authsafe::{Response, Unauthenticated};

#[authsafe::routes(unauthenticated = signed_out)]
mod auth {}

#[authsafe::routes(unauthenticated = "redirect")]
mod pages {}

#[authsafe::routes(unauthenticated = "json")]
mod api {}

#[authsafe::routes(unauthenticated = "auto")]
mod both {}

fn signed_out(visitor: &SignedOut<'_>) -> Response {
    visitor.redirect()
}

fn main() {
    assert!(matches!(parts(auth::SPEC).unauthenticated, Unauthenticated::With(_)));
    assert!(matches!(parts(pages::SPEC).unauthenticated, Unauthenticated::Redirect));
    assert!(matches!(parts(api::SPEC).unauthenticated, Unauthenticated::Json));
    assert!(matches!(parts(both::SPEC).unauthenticated, Unauthenticated::Auto));
}
