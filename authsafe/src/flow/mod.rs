//! The stories, each from the request to the answer.
//!
//! What a flow has to say about cookies goes into `cookies`, which are on the answer whether
//! the flow succeeds or not.

mod across;
mod app;
mod backchannel_logout;
mod bearer;
mod callback;
mod clients;
mod identity;
mod in_time;
mod keep;
mod logout;
mod of_app;
mod questions;
mod refresh;
mod renew;
mod resource_metadata;
mod session;
mod shared_store;
mod sign_in;
mod stored;
mod to_the_end;
mod transactions;
mod unkept;
mod write;

pub(crate) use app::App;
pub(crate) use backchannel_logout::backchannel_logout;
pub(crate) use bearer::{bearer_credentials, keep_bearer};
pub(crate) use callback::callback;
pub(crate) use keep::{Answer, Kept, Use, keep};
pub(crate) use logout::logout;
pub(crate) use refresh::refresh;
pub(crate) use resource_metadata::resource_metadata;
pub(crate) use session::session;
pub(crate) use sign_in::sign_in;
pub(crate) use stored::Saving;
pub(crate) use to_the_end::to_the_end;
#[cfg(feature = "testing")]
pub(crate) use write::seal;
pub(crate) use write::write_back;
