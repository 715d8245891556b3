#[authsafe::routes(keep_post = "16KB")]
mod auth {}

fn main() {}
