use authsafe::{Session, dev::LocalProvider, require_scope};
use axum::{Router, response::Html, routing::get};
pub mod auth {
    /// The settings of `#[authsafe::routes]`.
    #[allow(clippy::needless_update)]
    pub const SPEC: &::authsafe::__private::Spec = &::authsafe::__private::spec(::authsafe::__private::SpecParts {
        routes: <Routes as ::authsafe::__private::Routes>::ID,
        scopes: &["openid", "profile", "email", "offline_access", "admin"],
        landing: &[
            ::authsafe::__private::Landing {
                when: ::authsafe::__private::Policy::Scope("admin"),
                to: "/admin",
                always: false,
            },
            ::authsafe::__private::Landing {
                when: ::authsafe::__private::Policy::SignedIn,
                to: "/",
                always: false,
            },
        ],
        ..::authsafe::__private::SpecParts::DEFAULT
    });
    /// This sign-in as a type: `Of<Session, Routes>` is a session of it.
    pub enum Routes {}
    impl ::authsafe::__private::Routes for Routes {
        const SITE: ::authsafe::__private::Site = ::authsafe::__private::Site::of::<
            Routes,
        >(::core::module_path!(), ::core::line!(), ::core::column!());
    }
    /// Reads the settings from the environment, asks the provider, and starts sign-in.
    ///
    /// # Errors
    ///
    /// Every setting that is missing or wrong, at once, by name.
    pub async fn from_env() -> ::core::result::Result<
        ::authsafe::__private::Auth,
        ::authsafe::__private::StartError,
    > {
        ::authsafe::__private::from_env(SPEC).await
    }
    /// [`from_env`] with variables from elsewhere, for tests.
    ///
    /// # Errors
    ///
    /// As [`from_env`].
    pub async fn from_vars(
        lookup: impl ::core::ops::Fn(
            &str,
        ) -> ::core::option::Option<
                ::std::string::String,
            > + ::core::marker::Send + ::core::marker::Sync,
    ) -> ::core::result::Result<
        ::authsafe::__private::Auth,
        ::authsafe::__private::StartError,
    > {
        ::authsafe::__private::from_vars(SPEC, lookup).await
    }
    /// [`from_env`] for an app that must start all the same: what is wrong is logged, the
    /// endpoints answer 503 and the guards let nobody in.
    pub async fn from_env_or_unconfigured() -> ::authsafe::__private::Auth {
        ::authsafe::__private::from_env_or_unconfigured(SPEC).await
    }
    /// Returns where a sign-in starts that comes back to `return_to`, a path of this app, for links: it
    /// is in the query as `returnTo`, percent-encoded. What is no local path is left out.
    #[must_use]
    pub fn sign_in_url(return_to: &str) -> ::std::string::String {
        ::authsafe::__private::sign_in_url(SPEC, return_to)
    }
    /// The scopes that sign-in requests.
    pub mod scopes {
        /// `openid`
        pub const OPENID: &str = "openid";
        /// `profile`
        pub const PROFILE: &str = "profile";
        /// `email`
        pub const EMAIL: &str = "email";
        /// `offline_access`
        pub const OFFLINE_ACCESS: &str = "offline_access";
        /// `admin`
        pub const ADMIN: &str = "admin";
    }
    /// The paths of the endpoints, for links, forms and templates.
    pub mod paths {
        /// `/api/auth/signin`. GET: starts a sign-in. For links; `sign_in_url` has a path to come back to.
        pub const SIGNIN: &str = "/api/auth/signin";
        /// `/api/auth/callback`. The redirect URI's path.
        pub const CALLBACK: &str = "/api/auth/callback";
        /// `/api/auth/logout`. POST: ends the session. For forms.
        pub const LOGOUT: &str = "/api/auth/logout";
        /// `/api/auth/refresh`. POST: gives the session new tokens. For scripts.
        pub const REFRESH: &str = "/api/auth/refresh";
    }
}
async fn home(session: Option<Session>) -> Html<&'static str> {
    Html(session.map_or("<a href=/api/auth/signin>Sign in</a>", |_| SIGN_OUT))
}
const SIGN_OUT: &str = "<form method=post action=/api/auth/logout><button>Sign out</button>";
async fn orders(session: Session) -> String {
    format!("The orders of {}", session.user().display_name())
}
async fn admin(
    _: ::authsafe::__private::Guard<
        ::authsafe::__private::Scope<
            ::authsafe::__private::Text<'a', 'd', 'm', 'i', 'n'>,
        >,
        ::authsafe::__private::AsRoutes,
        ::authsafe::__private::At<
            {
                #[allow(unused_imports)]
                use ::authsafe::__private::elsewhere::*;
                {
                    #[allow(unused_imports)]
                    use crate::*;
                    ::authsafe::__private::number(auth::SPEC)
                }
            },
        >,
    >,
    session: Session,
) -> String {
    const _: () = {
        #[allow(unused_imports)]
        use ::authsafe::__private::elsewhere::*;
        {
            #[allow(unused_imports)]
            use crate::*;
            ::authsafe::__private::declared(
                ::authsafe::__private::found(auth::SPEC),
                "admin",
            )
        }
    };
    format!("Hello {}, you may do everything", session.user().display_name())
}
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = LocalProvider::builder().demo().start().await?;
    let auth = auth::from_vars(provider.vars("http://localhost:3000")).await?;
    let app = Router::new()
        .route("/", get(home))
        .route("/orders", get(orders))
        .route("/admin", get(admin))
        .merge(auth.router())
        .layer(auth.layer());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}
