use authsafe::require_org;

#[require_org("org_1")]
#[require_org("org_2")]
async fn handler() {}

fn main() {}
