use authsafe::Session;

#[authsafe::policy]
async fn owner(_: &Session) -> bool {
    true
}

#[authsafe::require(policy = owner)]
async fn handler() {}

fn main() {}
