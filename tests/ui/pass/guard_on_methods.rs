use authsafe::require_scope;
use axum::routing::get;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

struct Pages<T>(T);

impl<T: Send + Sync + Clone + 'static> Pages<T> {
    #[require_scope("admin")]
    async fn open(uri: axum::http::Uri) -> String {
        uri.to_string()
    }

    #[require_scope("admin")]
    pub(crate) async fn with_self(&self, _uri: axum::http::Uri) -> T {
        self.0.clone()
    }

    #[require_scope("admin")]
    async fn owned(mut self) -> Self {
        self.0 = self.0.clone();
        self
    }
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", get(Pages::<u8>::open));
    let _ = Pages::<u8>::with_self;
    let _ = Pages::<u8>::owned;
}
