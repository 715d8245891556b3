//! The stories, each from the request to the answer.
//!
//! What a flow has to say about cookies goes into `cookies`, which are on the answer whether
//! the flow succeeds or not. What it knows of why it fails goes into `why`, which the log tells with the
//! refusal.

mod app;
mod at_once;
mod authenticate;
mod backchannel_logout;
mod bearer;
mod callback;
mod cancelled;
mod clients;
mod form_callback;
mod host;
mod identity;
mod kept_form;
mod logout;
mod nesting;
mod refresh;
mod renew;
mod resource_metadata;
mod session;
mod sign_in;
mod to_the_end;
mod told;
mod transactions;
mod unsaved;
mod why;

pub(crate) use app::App;
pub(crate) use at_once::{FoundAtOnce, authenticate_at_once};
pub(crate) use authenticate::{Authenticated, authenticate};
pub(crate) use backchannel_logout::backchannel_logout;
pub(crate) use bearer::authenticate_bearer;
#[cfg(feature = "testing")]
pub(crate) use callback::ask_in_a_test;
pub(crate) use callback::callback;
pub(crate) use cancelled::{Refused, comes_back};
pub(crate) use form_callback::form_callback;
pub(crate) use kept_form::{keep as keep_form, send_on, show as show_form, way as way_of_form};
pub(crate) use logout::{logout, logout_button, signed_out};
pub(crate) use refresh::refresh;
pub(crate) use resource_metadata::resource_metadata;
pub(crate) use session::session;
pub(crate) use sign_in::sign_in;
pub(crate) use to_the_end::to_the_end;
pub(crate) use told::Lacking;
pub(crate) use why::Why;
