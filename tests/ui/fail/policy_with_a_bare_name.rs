#[authsafe::policy("owner")]
struct Owner;

fn main() {}
