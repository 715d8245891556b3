use authsafe::Authorized;

#[authsafe::policy(permission("all"))]
struct Admin;

fn delete_all(_: &Authorized<Admin>) {}

#[authsafe::policy(permission("some"))]
struct Clerk;

fn serve(clerk: Authorized<Clerk>) {
    delete_all(&clerk);
}

fn main() {
    drop(serve);
}
