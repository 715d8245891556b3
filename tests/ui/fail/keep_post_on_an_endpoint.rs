#[authsafe::routes(keep_post = "2KB", paths(signin = "in", callback = "in/form"))]
mod auth {}

fn main() {}
