#[authsafe::routes(forward(organization))]
mod auth {}

fn main() {}
