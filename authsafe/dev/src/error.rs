//! Why a local provider did not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The reason that a [`LocalProvider`](super::LocalProvider) did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevError {
    /// The address to bind is no address.
    #[error(
        "`{0}` is not an address to listen on; write an IP address and a port, such as `127.0.0.1:0`"
    )]
    Address(String),
    /// The address to bind is not loopback.
    #[error(
        "the local provider signs anybody in without a password, so it listens on loopback only, not on {0}; \
         bind `127.0.0.1:{port}` or `[::1]:{port}`",
        port = .0.port()
    )]
    NotLoopback(SocketAddr),
    /// The address is taken, or may not be used.
    #[error("the local provider cannot listen on {address}; bind `127.0.0.1:0` for any free port")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The provider has no users.
    #[error(
        "the local provider has no users; add one with `.user(User::new(\"alice\"))`, or take `.demo()`"
    )]
    NoUsers,
    /// Two users with one id.
    #[error("the local provider has two users with the id `{0}`; give each an id of its own")]
    DuplicateUser(String),
    /// Two clients with one id.
    #[error("the local provider has two clients with the id `{0}`; give each an id of its own")]
    DuplicateClient(String),
    /// `redirect_uri` before any `client`.
    #[error(
        "`.redirect_uri(\"{0}\")` belongs to a client; write `.client(\"id\", None)` before it"
    )]
    RedirectUriWithoutClient(String),
    /// A token was asked for somebody who is not there.
    #[error("the local provider has no user `{0}`; write the id that was given to `User::new`")]
    UnknownUser(String),
    /// There is no provider of this name to behave like.
    #[error("the local provider cannot behave like `{0}`; write one of {1}")]
    UnknownProvider(String, String),
    /// The file that it keeps for the next start cannot be read or written.
    #[error("the local provider cannot keep its keys in `{path}`: {source}", path = .path.display())]
    Keep {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is another's.
    #[error(
        "`{path}` is not what a local provider keeps; delete it, or name another file",
        path = .0.display()
    )]
    Kept(PathBuf),
    /// A signing key could not be made.
    #[error("the local provider could not make a signing key")]
    Key,
    /// The system gives no random bytes.
    #[error("the system's random number generator does not answer")]
    Randomness,
}
