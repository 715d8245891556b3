#[authsafe::routes(same_site = "lax")]
mod auth {}

fn main() {}
