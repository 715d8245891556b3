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
    let (id, summary) = match endpoint {
        Endpoint::SignIn => ("authsafeSignIn", "Start a sign-in"),
        Endpoint::Callback => (
            "authsafeCallback",
            "Finish a sign-in: the provider sends browsers here",
        ),
        Endpoint::FormCallback => (
            "authsafeCallback",
            "Finish a sign-in: the provider has browsers post here",
        ),
        Endpoint::Logout => (
            "authsafeLogout",
            "End the session, here and at the provider",
        ),
        Endpoint::Refresh => ("authsafeRefresh", "Give the session new tokens"),
        Endpoint::Session => ("authsafeSession", "Who is signed in, for a page's script"),
        Endpoint::BackchannelLogout => (
            "authsafeBackchannelLogout",
            "End the sessions that a logout token names: called by the provider",
        ),
        Endpoint::SignedOut => (
            "authsafeSignedOut",
            "After a logout: the provider sends browsers back here",
        ),
        Endpoint::KeptForm => (
            "authsafeKeepForm",
            "Keep a form that met a sign-in: guards send browsers here",
        ),
        Endpoint::ResourceMetadata => (
            "authsafeResourceMetadata",
            "Whose access tokens are taken, for API clients",
        ),
    };
    let operation = OperationBuilder::new()
        .tag(TAG)
        .operation_id(Some(id))
        .summary(Some(summary))
        .parameters(Some(parameters(spec, endpoint)))
        .responses(refusals::responses(schema, &errors));
    let operation = match endpoint {
        Endpoint::Logout | Endpoint::Refresh => {
            operation.description(Some(OWN_PAGES)).security(signed_in())
        }
        Endpoint::Session => operation.security(signed_in()),
        _ => operation.securities(Some([])),
    };
    let operation = match endpoint {
        Endpoint::FormCallback => operation.request_body(Some(response_form())),
        Endpoint::BackchannelLogout => operation.request_body(Some(logout_token())),
        _ => operation,
    };
    let answers = answers(endpoint).into_iter();
    answers.fold(operation, |operation, (status, answer)| {
        operation.response(status, answer)
    })
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
    let own: &[(&str, &str)] = match endpoint {
        Endpoint::SignIn => &[
            RETURN_TO,
            ("login_hint", "Who is signing in, for the provider's form"),
            ("prompt", PROMPT),
            ("screen_hint", "Which of the provider's pages to show first"),
            (
                "ui_locales",
                "The languages of the provider's pages, the best one first",
            ),
            (
                "max_age",
                "How long ago, in seconds, the user may have proved who they are",
            ),
        ],
        Endpoint::Callback => &[
            ("state", "Which sign-in it answers (RFC 6749 §4.1.2)"),
            ("code", "The authorization code (RFC 6749 §4.1.2)"),
            ("iss", "The issuer (RFC 9207 §2)"),
            ("error", "Why there is no code (RFC 6749 §4.1.2.1)"),
        ],
        Endpoint::Logout => &[
            RETURN_TO,
            (
                "state",
                "What the provider hands back to the page after logout",
            ),
        ],
        Endpoint::KeptForm => &[RETURN_TO],
        Endpoint::SignedOut => &[("state", "What logout gave the provider to hand back")],
        Endpoint::FormCallback
        | Endpoint::Refresh
        | Endpoint::Session
        | Endpoint::BackchannelLogout
        | Endpoint::ResourceMetadata => &[],
    };
    let forwarded = match endpoint {
        Endpoint::SignIn => spec.forward,
        _ => &[],
    };
    let forwarded = forwarded.iter().map(|name| (*name, FORWARDED));
    own.iter().copied().chain(forwarded).map(query).collect()
}

const RETURN_TO: (&str, &str) = ("returnTo", "Where to go afterwards: a path of this app");

const FORWARDED: &str = "For the provider, as it documents it";

const PROMPT: &str = "`none`, or some of `login`, `consent`, `select_account` and `create` with spaces \
                      between (OpenID Connect Core §3.1.2.1)";

/// A parameter with this name and description.
fn query((name, description): (&str, &str)) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let schema = match name {
        "returnTo" => text.examples(["/dashboard"]),
        "prompt" => text.examples(["login"]),
        "max_age" => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .maximum(Some(u32::MAX)),
        _ => text,
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn response_form() -> RequestBody {
    let fields = [
        ("state", schemas::text("Which sign-in it answers")),
        ("code", schemas::text("The authorization code")),
        ("iss", schemas::text("The issuer (RFC 9207 §2)")),
        ("error", schemas::text("Why there is no code")),
    ];
    form("OAuth 2.0 Form Post Response Mode", fields)
}

fn logout_token() -> RequestBody {
    let fields = [("logout_token", schemas::text("A JWT (§2.4)"))];
    form("OpenID Connect Back-Channel Logout 1.0 §2.5", fields)
}

fn form<const N: usize>(description: &str, fields: [(&str, ObjectBuilder); N]) -> RequestBody {
    let content = ContentBuilder::new().schema(Some(schemas::object(fields)));
    RequestBodyBuilder::new()
        .description(Some(description))
        .content("application/x-www-form-urlencoded", content.build())
        .required(Some(Required::True))
        .build()
}

// What it answers.

/// The answers that are no errors, by their status.
fn answers(endpoint: Endpoint) -> Vec<(&'static str, Response)> {
    let to = |text| ("303", redirect(text));
    let gives = |text, schema| ("200", json(text, schema));
    let says = |text| ("200", ResponseBuilder::new().description(text).build());
    let signed_in = "Signed in; to `returnTo` or the landing page";
    match endpoint {
        Endpoint::SignIn => vec![to("To the provider's page")],
        Endpoint::Callback => vec![to(signed_in)],
        Endpoint::FormCallback => vec![
            to(signed_in),
            says("A page that posts the form again, with the cookies of this site"),
        ],
        Endpoint::Logout => vec![
            to("Signed out; to the provider's own logout or to `returnTo`"),
            gives("The same, for a page's script", schemas::SIGNED_OUT),
        ],
        Endpoint::Refresh => vec![gives("The session with its new tokens", schemas::SESSION)],
        Endpoint::Session => vec![gives("The session", schemas::SESSION)],
        Endpoint::BackchannelLogout => vec![says("They have ended")],
        Endpoint::SignedOut => vec![to("To `returnTo` or the page after logout")],
        Endpoint::KeptForm => vec![to(
            "To the sign-in, which comes back here by GET to show the form",
        )],
        Endpoint::ResourceMetadata => vec![gives(
            "The metadata of the resource (RFC 9728 §2)",
            schemas::RESOURCE,
        )],
    }
}

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
