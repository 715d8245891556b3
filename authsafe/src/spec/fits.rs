//! What a path in the attribute may name, as the compiler says it where it names something else.
//!
//! Each trait here is met by two rules, of which the second never holds: where a trait has one rule alone, the
//! compiler tells what that rule consists of (`Fn`, how many arguments), and not what the trait wants. The traits
//! are here, and not in the expansion, since `diagnostic` has no name where there is no prelude.

use super::hooks::{ErrorHook, EventHook};
use super::signed_out::SignedOutHook;
use super::spec::{SecretSource, SettingSource};
use crate::store::StoreSource;

/// The rule that holds.
pub enum Fits {}

/// The rule that does not.
pub enum Never {}

/// The trait that nothing has.
pub trait Nothing {}

macro_rules! fits {
    ($($(#[$said:meta])* $name:ident: $what:ident;)+) => {$(
        $(#[$said])*
        pub trait $name<How>: $what {}

        #[diagnostic::do_not_recommend]
        impl<It: $what> $name<Fits> for It {}

        #[diagnostic::do_not_recommend]
        impl<It: $what + Nothing> $name<Never> for It {}
    )+};
}

fits! {
    /// `on_event = path`.
    #[diagnostic::on_unimplemented(
        message = "this path cannot be `on_event`",
        label = "expected `fn(&authsafe::hooks::Event<'_>)`",
        note = "write `fn log(event: &authsafe::hooks::Event<'_>)`: it is not `async`, takes the event by reference and returns nothing"
    )]
    OnEvent: EventHook;

    /// `on_error = path`.
    #[diagnostic::on_unimplemented(
        message = "this path cannot be `on_error`",
        label = "expected `fn(&authsafe::Error, &http::request::Parts) -> Option<authsafe::Response>`",
        note = "write `fn page(error: &authsafe::Error, request: &http::request::Parts) -> Option<authsafe::Response>`: it is not `async`, and takes both by reference"
    )]
    OnError: ErrorHook;

    /// `unauthenticated = path`.
    #[diagnostic::on_unimplemented(
        message = "this path cannot be `unauthenticated`",
        label = "expected `fn(&authsafe::hooks::SignedOut<'_>) -> authsafe::Response`",
        note = "write `fn signed_out(visitor: &authsafe::hooks::SignedOut<'_>) -> authsafe::Response`: it is not `async`, and takes the visitor by reference"
    )]
    OnSignedOut: SignedOutHook;

    /// `client_id = path`, and each other setting.
    #[diagnostic::on_unimplemented(
        message = "this path cannot be a setting",
        label = "expected a `&'static str` constant or a `fn() -> String`",
        note = "write `fn setting() -> String`: it is not `async`, and takes no arguments"
    )]
    Setting: SettingSource;

    /// `client_secret = path`, and each other secret.
    #[diagnostic::on_unimplemented(
        message = "this path cannot be a secret",
        label = "expected a `fn() -> authsafe::SecretString`",
        note = "write `fn secret() -> authsafe::SecretString`: it is not `async`, and takes no arguments"
    )]
    Secret: SecretSource;

    /// `session(store = path)`.
    #[diagnostic::on_unimplemented(
        message = "this path cannot be a session store",
        label = "expected an `async fn() -> Result<impl authsafe::store::SessionStore, impl Display>`",
        note = "write `async fn sessions() -> Result<MyStore, MyError>`: it takes no arguments"
    )]
    Store: StoreSource;
}
