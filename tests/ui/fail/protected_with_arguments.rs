#[authsafe::protected(scopes("admin"))]
mod handlers {}

fn main() {}
