use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

/// A handler.
#[require_scope("admin")]
#[allow(clippy::unused_unit)]
pub(crate) async fn handler(#[allow(unused)] uri: axum::http::Uri) -> () {
    #![allow(unused_variables)]
    //! Documented within.
    let unused = 1;
}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(handler);
}
