//! What the tests of the whole share: an app and a provider on real sockets, and a browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    clippy::print_stderr,
    reason = "a test's stage may fall over; it is no interface"
)]

mod answer;
pub mod app;
mod browser;
mod deployment;
#[cfg(doctest)]
pub mod docs;
mod door;
mod down;
mod in_memory;
mod in_process;
mod logs;
pub mod peers;
mod postgres;
mod redis;
mod session_store;
mod spy;
mod stage;

pub use answer::{Answer, fields, param};
pub use app::auth;
pub use browser::{Browser, Journey, Stored, Visit};
pub use deployment::{CLIENT_SECRET, COOKIE_SECRET, Deployment, serve};
pub use door::{Door, Waiting};
pub use down::{Down, Refusing, Silent};
pub use in_process::Person;
pub use logs::Logs;
pub use postgres::PostgresServer;
pub use redis::{RedisCluster, RedisServer, in_front_of};
pub use session_store::is_a_session_store;
pub use spy::{Exchange, Spy};
pub use stage::{Builder, Stage, demo_provider, eventually, reserve_port};
