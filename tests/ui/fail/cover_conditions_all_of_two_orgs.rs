#[authsafe::require(all(org("org_1"), role("a"), org("org_2")))]
async fn handler() {}

fn main() {}
