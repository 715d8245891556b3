#[authsafe::routes(protect("admin" => rol("admin")))]
mod auth {}

fn main() {}
