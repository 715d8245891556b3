//! The endpoints as an OpenAPI 3.1 document.

use utoipa::Modify;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder,
};

use super::security::{SESSION, with_scopes};
use super::{bearer, endpoints, guards, schemas};
use crate::auth::Auth;
use crate::session::cookie::{Cookies, Style, loopback_port};
use crate::spec::{Setting, Spec, SpecParts};

impl Auth {
    /// The endpoints as an OpenAPI 3.1 document, to be merged into the app's own: what each reads,
    /// every status and error that it answers with, and the session cookie as the security scheme
    /// `session`. Its scopes are listed in `x-scopes`.
    ///
    /// A guard that stands above `#[utoipa::path(...)]` says there what it asks for, unless the
    /// handler has a `security(...)` of its own, and which errors it answers with:
    ///
    /// ```
    /// use authsafe::require_scope;
    /// use utoipa::OpenApi;
    ///
    /// #[authsafe::routes(scopes("openid", "admin"))]
    /// pub mod auth {}
    ///
    /// #[require_scope("admin")]
    /// #[utoipa::path(get, path = "/reports", responses((status = 200, description = "All of them")))]
    /// async fn reports() {}
    ///
    /// #[derive(OpenApi)]
    /// #[openapi(paths(reports))]
    /// struct ApiDoc;
    ///
    /// # fn main() {
    /// // Or `auth.openapi()`, of an app that runs.
    /// let api = ApiDoc::openapi().merge_from(auth::SPEC.openapi());
    /// # let api = serde_json::to_value(&api).unwrap();
    /// # assert_eq!(api["paths"]["/reports"]["get"]["security"][0]["session"][0], "admin");
    /// # assert!(api["paths"]["/api/auth/signin"]["get"]["responses"]["303"].is_object());
    /// # }
    /// ```
    ///
    /// It is a `Modify` as well: `use auth::SPEC;` and `#[openapi(paths(reports), modifiers(&SPEC))]` merge it
    /// without a word more. Where the routes take bearer tokens, say it so: then the operations with a guard
    /// are told that a token opens them too.
    ///
    /// A guard that stands below `#[utoipa::path(...)]` cannot be heard: utoipa has written its part
    /// by then.
    #[must_use]
    pub fn openapi(&self) -> OpenApi {
        let spec = self.spec();
        let mut paths = PathsBuilder::new();
        let mut errors = Vec::new();
        for (path, endpoint) in self.endpoints() {
            errors.push(endpoints::error_component(spec, endpoint));
            let operation = endpoints::operation(spec, endpoint);
            paths = paths.path(path, PathItem::new(endpoints::method(endpoint), operation));
        }
        let mut components =
            ComponentsBuilder::new().security_scheme(SESSION, self.session_scheme());
        if spec.bearer.is_some() {
            components = components.security_scheme(bearer::NAME, bearer::scheme(spec));
        }
        let components = components
            .schemas_from_iter(errors)
            .schemas_from_iter([guards::error_component(spec)])
            .schemas_from_iter(schemas::of_answers());
        OpenApiBuilder::new()
            .info(
                InfoBuilder::new()
                    .title("Sign-in")
                    .version(env!("CARGO_PKG_VERSION")),
            )
            .paths(paths)
            .components(Some(components.build()))
            .tags(Some([TagBuilder::new()
                .name(endpoints::TAG)
                .description(Some("Sign-in, sign-out and the session"))
                .build()]))
            .build()
    }

    fn session_scheme(&self) -> SecurityScheme {
        let name = match self.app() {
            Some(app) => app.config.cookies.session_name().to_owned(),
            None => presumed_cookie(self.spec()),
        };
        let text = "The session cookie, which the callback sets and browsers send by themselves. A \
                    long one is in pieces, with `.0`, `.1` and so on after the name. What an \
                    operation names are scopes.";
        let mut cookie = ApiKeyValue::with_description(name, text.to_owned());
        cookie.extensions = Some(with_scopes(self.spec()));
        SecurityScheme::ApiKey(ApiKey::Cookie(cookie))
    }
}

impl Spec {
    /// Does what [`Auth::openapi`] does with nothing configured or started: for a build step that writes a file.
    ///
    /// The cookie has its name on https, unless the attribute has an `app_url` that is not.
    #[must_use]
    pub fn openapi(&'static self) -> OpenApi {
        Auth::unconfigured(self.parts()).openapi()
    }
}

impl Modify for Auth {
    fn modify(&self, api: &mut OpenApi) {
        if self.spec().bearer.is_some() {
            bearer::add(api);
        }
        api.merge(self.openapi());
    }
}

/// [`Spec::openapi`]; of a `SPEC`, which is a reference, as `modifiers(&SPEC)` names it.
impl Modify for &'static Spec {
    fn modify(&self, api: &mut OpenApi) {
        Auth::unconfigured(self.parts()).modify(api);
    }
}

/// The session cookie's name where nobody knows yet where the app is.
fn presumed_cookie(spec: &SpecParts) -> String {
    let plain = matches!(spec.app_url, Setting::Literal(url) if url.starts_with("http:"));
    let cookies = Cookies::new(Style {
        kept_after: core::time::Duration::ZERO,
        name: spec.cookies.name,
        port: match spec.app_url {
            Setting::Literal(url) => loopback_port(url),
            _ => None,
        },
        same_site: "Lax",
        secure: spec.cookies.secure.unwrap_or(!plain),
        domain: spec.cookies.domain.map(|_| String::new()),
        path: spec.cookies.path,
        base_path: spec.base_path,
    });
    cookies.session_name().to_owned()
}
