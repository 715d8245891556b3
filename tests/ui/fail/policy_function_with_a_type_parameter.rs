use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner<T>(_: &Session, _: &Parts) -> bool {
    true
}

fn main() {}
