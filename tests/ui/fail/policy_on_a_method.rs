use authsafe::Session;
use http::request::Parts;

struct Shop;

impl Shop {
    #[authsafe::policy]
    async fn owner(&self, _: &Session, _: &Parts) -> bool {
        true
    }
}

fn main() {}
