#[authsafe::policy(role("owner"))]
enum Owner {}

fn main() {}
