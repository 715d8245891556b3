#[authsafe::routes(clear_site_data("cache", "cache"))]
mod auth {}

fn main() {}
