mod auth {
    pub const SPEC: &authsafe::Spec = &authsafe::__private::spec(authsafe::__private::SpecParts::DEFAULT);
}

#[authsafe::require_scope("openid", routes = auth)]
async fn handler() {}

fn main() {}
