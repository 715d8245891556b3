//! The bodies of answers that are no errors.

use utoipa::openapi::schema::{Array, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

/// What `Session` serializes to.
pub(super) const SESSION: &str = "AuthsafeSession";

/// The answer to a logout by `fetch`.
pub(super) const SIGNED_OUT: &str = "AuthsafeSignedOut";

/// The metadata of RFC 9728.
pub(super) const RESOURCE: &str = "AuthsafeResourceMetadata";

/// All of them by name.
pub(super) fn of_answers() -> [(&'static str, RefOr<Schema>); 3] {
    let names = |text| Array::new(self::text(text));
    let session = object([
        ("userId", text("The user's id at the provider")),
        ("email", optional("The user's email address")),
        (
            "emailVerified",
            of_type(Type::Boolean, "Has the provider verified it?"),
        ),
        ("name", optional("The user's name")),
        ("picture", optional("A URL of the user's picture")),
        (
            "organizationId",
            optional("The organization that the user is signed in to"),
        ),
    ])
    .property("scopes", names("A scope that was granted"))
    .required("scopes")
    .property("roles", names("A role that the user has"))
    .required("roles")
    .property("permissions", names("A permission that the user has"))
    .required("permissions");
    let times = [
        ("issuedAt", "When the session began"),
        ("expiresAt", "When it ends"),
        ("accessTokenExpiresAt", "When its access token runs out"),
    ];
    let session = times.into_iter().fold(session, |session, (name, what)| {
        let time = of_type(Type::Integer, &format!("{what}, in seconds since 1970"));
        session.property(name, time).required(name)
    });
    let signed_out = object([
        ("success", of_type(Type::Boolean, "Always true")),
        ("redirectTo", text("Where the page is to go")),
    ]);
    let resource = object([("resource", text("The audience of the tokens"))])
        .property("authorization_servers", names("The issuer of the tokens"))
        .required("authorization_servers")
        .property("scopes_supported", names("A scope that is asked for"))
        .property("bearer_methods_supported", names("Where a token is sent"))
        .required("bearer_methods_supported");
    [
        (
            SESSION,
            session.description(Some("Who is signed in")).into(),
        ),
        (SIGNED_OUT, signed_out.into()),
        (RESOURCE, resource.into()),
    ]
}

/// An object that has all of these.
pub(super) fn object<const N: usize>(properties: [(&str, ObjectBuilder); N]) -> ObjectBuilder {
    let object = ObjectBuilder::new();
    properties.into_iter().fold(object, |object, (name, of)| {
        object.property(name, of).required(name)
    })
}

pub(super) fn text(description: &str) -> ObjectBuilder {
    of_type(Type::String, description)
}

fn optional(description: &str) -> ObjectBuilder {
    let kinds: SchemaType = [Type::String, Type::Null].into_iter().collect();
    of_type(kinds, description)
}

fn of_type(kind: impl Into<SchemaType>, description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(kind)
        .description(Some(description))
}
