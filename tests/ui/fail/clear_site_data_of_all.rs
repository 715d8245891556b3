#[authsafe::routes(clear_site_data("*"))]
mod auth {}

fn main() {}
