#[authsafe::routes(protect(GET "/a" => auth))]
mod auth {}

fn main() {}
