#[authsafe::routes]
mod auth {}

pub struct Shop;

#[authsafe::require_auth]
impl Shop {
    pub async fn seen(self) {}

    pub fn order(&self) -> impl Future<Output = ()> {
        async {}
    }
}

fn main() {}
