#[authsafe::routes(keep_post = "2 kB")]
mod auth {}

fn main() {}
