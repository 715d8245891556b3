//! What each endpoint reads and answers.

use http::Method;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{HttpMethod, Ref, RefOr, Required, Schema};

use super::security::signed_in;
use super::{refusals, schemas};
use crate::endpoint::Endpoint;
use crate::error::{
    BackchannelLogoutError, CallbackError, Error, Every, GuardError, LogoutError, RefreshError,
    SessionError, SignInError,
};
use crate::spec::{Rate, SpecParts};

const OWN_PAGES: &str =
    "Requests from other sites' pages are refused, by `Origin` and `Sec-Fetch-Site`.";

pub(super) fn method(endpoint: Endpoint) -> HttpMethod {
    match endpoint.method() {
        Method::GET => HttpMethod::Get,
        _ => HttpMethod::Post,
    }
}

/// What operations are filed under.
pub(super) const TAG: &str = "sign-in";

/// Everything about an endpoint.
pub(super) fn operation(spec: &SpecParts, endpoint: Endpoint) -> OperationBuilder {
    let (schema, errors) = errors(spec, endpoint);
    let refusals = refusals::responses(schema, &errors);
    let operation = OperationBuilder::new()
        .tag(TAG)
        .parameters(Some(parameters(spec, endpoint)))
        .responses(refusals);
    match endpoint {
        Endpoint::SignIn => operation
            .operation_id(Some("authsafeSignIn"))
            .summary(Some("Start a sign-in"))
            .securities(Some([]))
            .response("303", redirect("To the provider's page")),
        Endpoint::Callback => operation
            .operation_id(Some("authsafeCallback"))
            .summary(Some("Finish a sign-in: the provider sends browsers here"))
            .securities(Some([]))
            .response(
                "303",
                redirect("Signed in; to `returnTo` or the landing page"),
            ),
        Endpoint::FormCallback => operation
            .operation_id(Some("authsafeCallback"))
            .summary(Some(
                "Finish a sign-in: the provider has browsers post here",
            ))
            .securities(Some([]))
            .request_body(Some(response_form()))
            .response(
                "303",
                redirect("Signed in; to `returnTo` or the landing page"),
            )
            .response(
                "200",
                ResponseBuilder::new()
                    .description("A page that posts the form again, with the cookies of this site")
                    .build(),
            ),
        Endpoint::Logout => operation
            .operation_id(Some("authsafeLogout"))
            .summary(Some("End the session, here and at the provider"))
            .description(Some(OWN_PAGES))
            .security(signed_in())
            .response(
                "303",
                redirect("Signed out; to the provider's own logout or to `returnTo`"),
            )
            .response(
                "200",
                json("The same, for a page's script", schemas::SIGNED_OUT),
            ),
        Endpoint::Refresh => operation
            .operation_id(Some("authsafeRefresh"))
            .summary(Some("Give the session new tokens"))
            .description(Some(OWN_PAGES))
            .security(signed_in())
            .response(
                "200",
                json("The session with its new tokens", schemas::SESSION),
            ),
        Endpoint::Session => operation
            .operation_id(Some("authsafeSession"))
            .summary(Some("Who is signed in, for a page's script"))
            .security(signed_in())
            .response("200", json("The session", schemas::SESSION)),
        Endpoint::BackchannelLogout => operation
            .operation_id(Some("authsafeBackchannelLogout"))
            .summary(Some(
                "End the sessions that a logout token names: called by the provider",
            ))
            .securities(Some([]))
            .request_body(Some(logout_token()))
            .response(
                "200",
                ResponseBuilder::new()
                    .description("They have ended")
                    .build(),
            ),
        Endpoint::SignedOut => operation
            .operation_id(Some("authsafeSignedOut"))
            .summary(Some(
                "After a logout: the provider sends browsers back here",
            ))
            .securities(Some([]))
            .response("303", redirect("To `returnTo` or the page after logout")),
        Endpoint::KeptForm => operation
            .operation_id(Some("authsafeKeepForm"))
            .summary(Some(
                "Keep a form that met a sign-in: guards send browsers here",
            ))
            .securities(Some([]))
            .response(
                "303",
                redirect("To the sign-in, which comes back here by GET to show the form"),
            ),
        Endpoint::ResourceMetadata => operation
            .operation_id(Some("authsafeResourceMetadata"))
            .summary(Some("Whose access tokens are taken, for API clients"))
            .securities(Some([]))
            .response(
                "200",
                json(
                    "The metadata of the resource (RFC 9728 §2)",
                    schemas::RESOURCE,
                ),
            ),
    }
}

/// The schema of an endpoint's errors, by its name.
pub(super) fn error_component(
    spec: &SpecParts,
    endpoint: Endpoint,
) -> (&'static str, RefOr<Schema>) {
    let (name, errors) = errors(spec, endpoint);
    (name, refusals::schema(&errors, spec.on_error.is_some()))
}

/// Returns what an endpoint may refuse with, and the name of its schema.
fn errors(spec: &SpecParts, endpoint: Endpoint) -> (&'static str, Vec<Error>) {
    let (schema, own) = match endpoint {
        Endpoint::SignIn => every::<SignInError>(),
        Endpoint::Callback | Endpoint::FormCallback => every::<CallbackError>(),
        Endpoint::Logout => every::<LogoutError>(),
        Endpoint::Refresh => every::<RefreshError>(),
        Endpoint::Session => every::<SessionError>(),
        Endpoint::BackchannelLogout => every::<BackchannelLogoutError>(),
        Endpoint::SignedOut => ("AuthsafeSignedOutError", Vec::new()),
        Endpoint::KeptForm => (
            "AuthsafeKeptFormError",
            vec![
                SignInError::MissingConfiguration.into(),
                GuardError::ForeignOrigin.into(),
            ],
        ),
        Endpoint::ResourceMetadata => ("AuthsafeResourceMetadataError", Vec::new()),
    };
    let allow = endpoint.allow();
    // Ours has headers that the provider's, of the same code, has not: it goes first.
    let limited = rate(spec, endpoint).map(|rate| Error::RateLimited {
        retry_after: rate.per.as_secs(),
    });
    let of_all = [Error::MethodNotAllowed { allow }];
    let errors = limited.into_iter().chain(own).chain(of_all);
    (schema, errors.collect())
}

fn every<E: Every + Into<Error>>() -> (&'static str, Vec<Error>) {
    let errors = E::every().into_iter().map(Into::into);
    (E::SCHEMA, errors.collect())
}

fn rate(spec: &SpecParts, endpoint: Endpoint) -> Option<Rate> {
    match endpoint {
        Endpoint::SignIn => spec.rate_limit.signin,
        Endpoint::KeptForm => Some(spec.rate_limit.kept_forms()),
        Endpoint::Callback | Endpoint::FormCallback => spec.rate_limit.callback,
        Endpoint::Logout => spec.rate_limit.logout,
        Endpoint::Refresh => spec.rate_limit.refresh,
        Endpoint::Session => spec.rate_limit.session,
        Endpoint::BackchannelLogout | Endpoint::SignedOut | Endpoint::ResourceMetadata => None,
    }
}

// What it reads.

fn parameters(spec: &SpecParts, endpoint: Endpoint) -> Vec<Parameter> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let return_to = || {
        let path = text().examples(["/dashboard"]);
        query(
            "returnTo",
            "Where to go afterwards: a path of this app",
            path,
        )
    };
    match endpoint {
        Endpoint::SignIn => {
            let mut own = vec![
                return_to(),
                query(
                    "login_hint",
                    "Who is signing in, for the provider's form",
                    text(),
                ),
                query("prompt", PROMPT, text().examples(["login"])),
                query(
                    "screen_hint",
                    "Which of the provider's pages to show first",
                    text(),
                ),
                query(
                    "ui_locales",
                    "The languages of the provider's pages, the best one first",
                    text(),
                ),
                query(
                    "max_age",
                    "How long ago, in seconds, the user may have proved who they are",
                    ObjectBuilder::new()
                        .schema_type(Type::Integer)
                        .minimum(Some(0))
                        .maximum(Some(u32::MAX)),
                ),
            ];
            let forwarded = spec.forward.iter();
            own.extend(forwarded.map(|name| query(name, FORWARDED, text())));
            own
        }
        Endpoint::Callback => vec![
            query(
                "state",
                "Which sign-in it answers (RFC 6749 §4.1.2)",
                text(),
            ),
            query("code", "The authorization code (RFC 6749 §4.1.2)", text()),
            query("iss", "The issuer (RFC 9207 §2)", text()),
            query("error", "Why there is no code (RFC 6749 §4.1.2.1)", text()),
        ],
        Endpoint::Logout => vec![
            return_to(),
            query(
                "state",
                "What the provider hands back to the page after logout",
                text(),
            ),
        ],
        Endpoint::KeptForm => vec![return_to()],
        Endpoint::SignedOut => vec![query(
            "state",
            "What logout gave the provider to hand back",
            text(),
        )],
        Endpoint::FormCallback
        | Endpoint::Refresh
        | Endpoint::Session
        | Endpoint::BackchannelLogout
        | Endpoint::ResourceMetadata => Vec::new(),
    }
}

const FORWARDED: &str = "For the provider, as it documents it";

const PROMPT: &str = "`none`, or some of `login`, `consent`, `select_account` and `create` with spaces \
                      between (OpenID Connect Core §3.1.2.1)";

fn query(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn response_form() -> RequestBody {
    let form = schemas::object([
        ("state", schemas::text("Which sign-in it answers")),
        ("code", schemas::text("The authorization code")),
        ("iss", schemas::text("The issuer (RFC 9207 §2)")),
        ("error", schemas::text("Why there is no code")),
    ]);
    let content = ContentBuilder::new().schema(Some(form)).build();
    RequestBodyBuilder::new()
        .description(Some("OAuth 2.0 Form Post Response Mode"))
        .content("application/x-www-form-urlencoded", content)
        .required(Some(Required::True))
        .build()
}

fn logout_token() -> RequestBody {
    let form = schemas::object([("logout_token", schemas::text("A JWT (§2.4)"))]);
    let content = ContentBuilder::new().schema(Some(form)).build();
    RequestBodyBuilder::new()
        .description(Some("OpenID Connect Back-Channel Logout 1.0 §2.5"))
        .content("application/x-www-form-urlencoded", content)
        .required(Some(Required::True))
        .build()
}

// What it answers.

fn redirect(description: &str) -> Response {
    let location = HeaderBuilder::new().schema(Some(schemas::text("Where to")));
    ResponseBuilder::new()
        .description(description)
        .header("location", location.build())
        .build()
}

fn json(description: &str, schema: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content.build())
        .build()
}
