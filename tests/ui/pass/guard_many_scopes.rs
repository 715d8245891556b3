use authsafe::require_scope;

#[authsafe::routes(scopes(
    "openid", "s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09", "s10", "s11", "s12", "s13", "s14",
))]
mod auth {}

#[require_scope(any(
    "s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09", "s10", "s11", "s12", "s13", "s14",
))]
async fn handler() {}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(handler);
}
