use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

struct Pages;

impl Pages {
    #[require_scope("admni")]
    async fn open<T>(&self, _: T) {}
}

fn main() {
    let _ = Pages::open::<u8>;
}
