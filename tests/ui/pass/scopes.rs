use authsafe::__private::parts;

#[authsafe::routes(scopes("openid", "read:documents", "https://api.example.com/admin", "1st"))]
mod auth {}

fn main() {
    assert_eq!(auth::scopes::READ_DOCUMENTS, "read:documents");
    assert_eq!(
        auth::scopes::HTTPS_API_EXAMPLE_COM_ADMIN,
        "https://api.example.com/admin"
    );
    assert_eq!(auth::scopes::SCOPE_1ST, "1st");
    assert_eq!(parts(auth::SPEC).scopes.len(), 4);
}
