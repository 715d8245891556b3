//! The answers to errors, read off the errors themselves.

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use serde_json::Value;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder, Responses, ResponsesBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};

use super::schemas;
use crate::error::Error;

/// One response for each status.
pub(super) fn responses(schema: &str, errors: &[Error]) -> Responses {
    let mut by_status: BTreeMap<u16, Vec<Error>> = BTreeMap::new();
    for error in errors {
        let same = by_status.entry(error.status().as_u16()).or_default();
        // One code may have several causes.
        if same.iter().all(|other| other.code() != error.code()) {
            same.push(*error);
        }
    }
    let response = |(status, errors): (u16, Vec<Error>)| {
        let response = response(schema, &errors);
        (status.to_string(), response)
    };
    ResponsesBuilder::new()
        .responses_from_iter(by_status.into_iter().map(response))
        .build()
}

fn response(schema: &str, errors: &[Error]) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .examples_from_iter(errors.iter().map(|error| (error.code(), example(*error))));
    let mut response = ResponseBuilder::new()
        .description(description(errors))
        .content("application/json", content.build())
        .content("text/html", page());
    for error in errors {
        for (name, value) in error.response().headers() {
            // Those of all answers say nothing of this one.
            if ![CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS].contains(name) {
                response = response.header(name.as_str(), header(value));
            }
        }
    }
    response.build()
}

/// The page that a person sees.
fn page() -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String);
    ContentBuilder::new().schema(Some(text)).build()
}

/// Each code and what it says.
fn description(errors: &[Error]) -> String {
    let texts: Vec<_> = errors
        .iter()
        .map(|error| format!("`{}`: {}", error.code(), error.message()))
        .collect();
    texts.join("; ")
}

fn example(error: Error) -> RefOr<Example> {
    let body = serde_json::from_slice(error.response().body()).ok();
    ExampleBuilder::new().value(body).build().into()
}

/// A header with this value for its example.
fn header(value: &HeaderValue) -> Header {
    let text = value.to_str().unwrap_or_default();
    let (kind, value) = match text.parse::<u64>() {
        Ok(number) => (Type::Integer, Value::from(number)),
        Err(_) => (Type::String, Value::from(text)),
    };
    let schema = ObjectBuilder::new().schema_type(kind);
    HeaderBuilder::new()
        .schema(Some(schema))
        .example(Some(value))
        .build()
}

/// The body of these errors: their codes, and no other.
pub(super) fn schema(errors: &[Error], own_answers: bool) -> RefOr<Schema> {
    let mut codes: Vec<_> = errors.iter().map(|error| error.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    let error = schemas::text("What happened, in a few words for people");
    let code = schemas::text("What happened, for programs").enum_values(Some(codes));
    let body = schemas::object([("error", error), ("code", code)]);
    let text = "The app may answer some errors in a form of its own.";
    body.description(own_answers.then_some(text)).into()
}
