#[authsafe::require_role(editor)]
async fn handler() {}

fn main() {}
