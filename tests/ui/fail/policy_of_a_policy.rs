#[authsafe::policy(policy = owner)]
struct Owner;

fn main() {}
