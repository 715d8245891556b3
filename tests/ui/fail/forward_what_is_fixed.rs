#[authsafe::routes(authorize(organization = "org_1"), forward("organization"))]
mod auth {}

fn main() {}
