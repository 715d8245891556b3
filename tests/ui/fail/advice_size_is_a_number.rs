#[authsafe::routes(keep_post = 2048)]
mod auth {}

fn main() {}
