#[authsafe::policy(all(any(org("org_1"), org("org_2")), org("org_3")))]
struct Staff;

fn main() {}
