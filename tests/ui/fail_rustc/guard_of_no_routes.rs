mod auth {
    pub const SPEC: &authsafe::Spec = &authsafe::Spec::DEFAULT;
}

#[authsafe::require_scope("openid", routes = auth)]
async fn handler() {}

fn main() {}
