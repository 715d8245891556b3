macro_rules! app {
    ($module:ident, $id:expr, $scope:literal, $($key:tt)*) => {
        #[authsafe::routes(client_id = $id, scopes("openid", $scope), $($key)*)]
        mod $module {}

        #[authsafe::require_scope($scope)]
        async fn handler(number: axum::http::Method) -> String {
            let number = number.to_string();
            number
        }
    };
}

app!(auth, "abc", "admin", landing(scope("admin") => "/admin", _ => "/"),);

fn main() {
    let _ = axum::routing::get::<_, _, ()>(handler);
    drop(auth::from_env());
}
