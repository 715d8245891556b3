use authsafe::Session;
use http::HeaderMap;

#[authsafe::policy]
async fn owner(_: &Session, _: &HeaderMap) -> bool {
    true
}

fn main() {}
