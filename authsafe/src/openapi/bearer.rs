//! Bearer tokens: another way into what a session opens.

use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem, RefOr, Responses};

use super::guards;
use super::security::{SESSION, with_scopes};
use crate::spec::SpecParts;

/// The security scheme.
pub(super) const NAME: &str = "bearer";

pub(super) fn scheme(spec: &SpecParts) -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.description = Some("An access token of the provider's (RFC 6750 §2.1)".to_owned());
    scheme.extensions = Some(with_scopes(spec));
    SecurityScheme::Http(scheme)
}

/// Adds to each operation that a session opens that a token does too, and what one is refused with.
pub(super) fn add(api: &mut OpenApi) {
    for operation in api.paths.paths.values_mut().flat_map(operations) {
        let Some(security) = &mut operation.security else {
            continue;
        };
        let scopes: Vec<_> = security.iter().filter_map(scopes).collect();
        let requirements = scopes.into_iter();
        security.extend(requirements.map(|scopes| SecurityRequirement::new(NAME, scopes)));
        if guards::stand_before(operation) {
            let refusals = guards::bearer_responses(operation);
            extend(&mut operation.responses, refusals);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ];
    all.into_iter().filter_map(Option::as_mut)
}

/// Returns what a requirement asks of a session, where it asks for nothing else. utoipa keeps that to
/// itself, but for its JSON.
fn scopes(requirement: &SecurityRequirement) -> Option<Vec<String>> {
    let Ok(Value::Object(mut schemes)) = serde_json::to_value(requirement) else {
        return None;
    };
    let scopes = schemes.remove(SESSION)?;
    let scopes = serde_json::from_value(scopes).ok()?;
    schemes.is_empty().then_some(scopes)
}

/// Adds words and examples to the refusals that are there, and the others whole. A response that
/// the user wrote stays as it is.
fn extend(responses: &mut Responses, more: Responses) {
    for (status, more) in more.responses {
        let Some(there) = responses.responses.get_mut(&status) else {
            responses.responses.insert(status, more);
            continue;
        };
        let (RefOr::T(there), RefOr::T(mut more)) = (there, more) else {
            continue;
        };
        let (Some(body), Some(more_of_it)) = (guards::body(there), guards::body(&mut more)) else {
            continue;
        };
        body.examples.append(&mut more_of_it.examples);
        there.description = format!("{}; {}", there.description, more.description);
    }
}
