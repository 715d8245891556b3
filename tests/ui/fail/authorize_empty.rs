#[authsafe::routes(authorize())]
mod auth {}

fn main() {}
