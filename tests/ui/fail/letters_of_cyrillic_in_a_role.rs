#[authsafe::routes(roles("editor", "аdmin"))]
mod auth {}

fn main() {}
