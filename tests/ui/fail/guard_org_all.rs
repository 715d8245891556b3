#[authsafe::require_org(all("org_1", "org_2"))]
async fn handler() {}

fn main() {}
