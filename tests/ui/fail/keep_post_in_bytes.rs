#[authsafe::routes(keep_post = "2000")]
mod auth {}

fn main() {}
