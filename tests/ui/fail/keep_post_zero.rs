#[authsafe::routes(keep_post = "0KB")]
mod auth {}

fn main() {}
