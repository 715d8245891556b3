use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner<'a>(_: &'a String, _: &'a Parts) -> bool {
    true
}

fn main() {}
