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

macro_rules! handler {
    ($(#[$attr:meta])* $name:ident $body:block) => {
        $(#[$attr])*
        async fn $name() -> &'static str $body
    };
}

handler!(#[authsafe::require_auth] orders { "orders" });
handler!(#[authsafe::public] health { "well" });

macro_rules! pages {
    ($home:block $order:block) => {
        #[authsafe::protected]
        mod pages {
            #[authsafe::public]
            pub async fn home() -> &'static str $home

            #[authsafe::require_auth]
            pub mod shop {
                pub async fn order() -> &'static str $order
            }
        }
    };
}

pages!({ "home" } { "order" });

app!(auth, "abc", "admin", landing(scope("admin") => "/admin", _ => "/"),);

fn main() {
    let _ = axum::routing::get::<_, _, ()>(handler);
    let _ = axum::routing::get::<_, _, ()>(orders).post(pages::shop::order);
    drop((health(), pages::home()));
    drop(auth::from_env());
}
