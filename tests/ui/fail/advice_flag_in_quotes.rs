#[authsafe::routes(revoke_at_logout = "false")]
mod auth {}

fn main() {}
