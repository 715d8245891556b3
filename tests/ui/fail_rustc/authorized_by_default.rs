use authsafe::Authorized;

#[authsafe::policy(permission("all"))]
struct Admin;

fn delete_all(_: &Authorized<Admin>) {}

fn main() {
    delete_all(&Default::default());
}
