#[authsafe::routes(
    pages(error = "/open/../vault/oops"),
    protect("/vault/**" => auth),
)]
mod auth {}

fn main() {}
