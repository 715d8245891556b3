#[authsafe::require_role]
async fn handler() {}

fn main() {}
