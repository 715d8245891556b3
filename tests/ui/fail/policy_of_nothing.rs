#[authsafe::policy]
struct Owner;

fn main() {}
