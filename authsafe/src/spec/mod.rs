//! What an attribute said: its values, the hooks that it names, and what signed-out visitors get.

pub(crate) mod fits;
mod hooks;
mod sign_in_url;
mod signed_out;
mod spec;

pub use hooks::{
    ErrorHook, Event, EventHook, NewSession, Occasion, SignInDecision, SignInHook, SignInRefused,
};
pub(crate) use hooks::{Hooks, path_of};
pub(crate) use sign_in_url::sign_in_url;
pub use signed_out::{
    Answers, AsRoutes, Auto, Json, Redirect, SignedOut, SignedOutHook, Unauthenticated,
};
pub use spec::{
    AskUserInfo, BearerSpec, CookieSpec, CrossOrigin, Endpoints, KeepSpec, Landing, LogoutSpec,
    Pages, Parameter, Paths, Protect, ProviderSpec, Rate, RateSpec, ResponseMode, SameSite,
    SecretSetting, SecretSource, SessionSpec, Setting, SettingSource, SharedStateSpec, Spec,
    SpecParts, StoreSpec,
};
