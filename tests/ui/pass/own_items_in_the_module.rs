/// Sign-in.
#[authsafe::routes]
pub(crate) mod auth {
    #![allow(dead_code)]
    //! With things of its own.

    pub(crate) struct Own;

    pub(crate) fn own() -> Own {
        Own
    }
}

fn main() {
    let _ = auth::own();
    drop(auth::from_env_or_unconfigured());
}
