#[authsafe::policy(permission("owner"))]
struct Owner<T>(T);

fn main() {}
