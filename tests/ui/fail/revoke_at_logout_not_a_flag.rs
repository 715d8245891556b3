#[authsafe::routes(revoke_at_logout = "no")]
mod auth {}

fn main() {}
