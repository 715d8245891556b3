//! A guide, one task a page.
//!
//! Each example is compiled by the tests of the library, and the main ones are run. The keys of the attribute are explained at
//! [`routes`](macro@crate::routes), and each name of the library where it stands.
//!
//! # Begin
//!
//! | page | what it is about |
//! |---|---|
//! | [A first app](first_app) | From `cargo new` to a person who is signed in: against the local provider, and then against a real one. |
//! | [Users of your own](own_users) | A row in a database of yours for each user, made at the first sign-in. |
//! | [Who may do what](permissions) | Scopes, roles, permissions and policies of your own decide who gets to a handler or a path. |
//! | [Settings, features and the command line](configuration) | What the attribute, the environment and Cargo features decide, and the command that checks it. |
//!
//! # Kinds of apps
//!
//! | page | what it is about |
//! |---|---|
//! | [APIs](apis) | Handlers take access tokens of other programs, beside the sessions of people or instead of them. |
//! | [Single-page front ends](single_page) | A front end of scripts signs in by navigation, and asks the server who is signed in. |
//! | [More than one sign-in](several_sign_ins) | An app for customers and for staff has a routes module for each. |
//! | [Frameworks](frameworks) | actix-web, hyper, tonic, GraphQL, WebSockets and server-sent events use the same attribute and the same guards. |
//!
//! # Run it
//!
//! | page | what it is about |
//! |---|---|
//! | [Sessions](sessions) | A session lies in cookies or in a store, ends after a time, and can be ended everywhere. |
//! | [Several machines](machines) | Machines share what has ended, by Redis, and change secrets and versions without signing anybody out. |
//! | [Proxies](proxies) | An app behind nginx, Caddy, Traefik, a load balancer or Kubernetes knows its clients and its address. |
//! | [Development](development) | A local provider signs anybody in, for one app or for several on this machine. |
//! | [Testing](testing) | Tests sign in without a browser, with or without a provider. |
//! | [Audit log and metrics](audit_and_metrics) | Each sign-in, refusal and logout is an event, a line in the log and a number. |
//! | [Errors](errors) | Each error has a code, a text for people and a cause in the log. |
//! | [Deployment](deployment) | A list to go through before an app meets its users. |
//!
//! # Providers
//!
//! | page | what it is about |
//! |---|---|
//! | [Providers](providers) | What to register at each provider, and the attribute to write for it. |
//!
//! # Coming from elsewhere
//!
//! | page | what it is about |
//! |---|---|
//! | [Coming from AuthSafe's JavaScript SDKs](coming_from_authsafe_js) | Each handler, option, variable and field of the JavaScript SDKs has its counterpart here. |
//! | [Coming from axum-login](coming_from_axum_login) | Each part of an app with axum-login has its counterpart here, but for the password. |
//! | [Coming from nextjs-auth0](coming_from_nextjs_auth0) | Each function, route and variable of nextjs-auth0 has its counterpart here. |
//!
//! # Look inside
//!
//! | page | what it is about |
//! |---|---|
//! | [How it works](how_it_works) | What happens in a sign-in, what cookies hold, and what the attribute generates. |
//! | [Security](security) | What the library does against whom, and what it leaves to the app. |
//! | [Standards](standards) | The standards that the library follows, and how far. |

#[doc = include_str!("guide/first_app.md")]
pub mod first_app {}

#[cfg(not(doctest))]
#[doc = include_str!("guide/own_users.md")]
pub mod own_users {}

#[doc = include_str!("guide/permissions.md")]
pub mod permissions {}

#[doc = include_str!("guide/configuration.md")]
pub mod configuration {}

#[doc = include_str!("guide/apis.md")]
pub mod apis {}

#[doc = include_str!("guide/single_page.md")]
pub mod single_page {}

#[doc = include_str!("guide/several_sign_ins.md")]
pub mod several_sign_ins {}

#[doc = include_str!("guide/frameworks.md")]
pub mod frameworks {}

#[doc = include_str!("guide/sessions.md")]
pub mod sessions {}

#[doc = include_str!("guide/machines.md")]
pub mod machines {}

#[doc = include_str!("guide/proxies.md")]
pub mod proxies {}

#[doc = include_str!("guide/development.md")]
pub mod development {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/audit_and_metrics.md")]
pub mod audit_and_metrics {}

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/deployment.md")]
pub mod deployment {}

#[doc = include_str!("guide/providers.md")]
pub mod providers {}

#[doc = include_str!("guide/coming_from_authsafe_js.md")]
pub mod coming_from_authsafe_js {}

#[doc = include_str!("guide/coming_from_axum_login.md")]
pub mod coming_from_axum_login {}

#[doc = include_str!("guide/coming_from_nextjs_auth0.md")]
pub mod coming_from_nextjs_auth0 {}

#[doc = include_str!("guide/how_it_works.md")]
pub mod how_it_works {}

#[doc = include_str!("guide/security.md")]
pub mod security {}

#[doc = include_str!("guide/standards.md")]
pub mod standards {}
