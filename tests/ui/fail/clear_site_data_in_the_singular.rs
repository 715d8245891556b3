#[authsafe::routes(clear_site_data("cookie"))]
mod auth {}

fn main() {}
