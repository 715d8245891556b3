use authsafe::Authorized;

#[authsafe::policy(permission("all"))]
struct Admin;

fn keep(admin: &Authorized<Admin>) -> Authorized<Admin> {
    admin.clone()
}

fn main() {
    drop(keep);
}
