//! Redis, or whatever speaks its protocol, as the shared state and as a session store.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::{ClusterConnection, Connect};
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue,
    IntoConnectionInfo, Pipeline, RedisError, RedisFuture, RedisResult, ServerErrorKind, Value,
    cmd,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;

use super::error::{StateError, StateFuture};
use super::session_store::SessionStore;
use super::shared_state::SharedState;
use crate::clock::moment;

/// How long a request waits for a connection.
const CONNECT: Duration = Duration::from_secs(1);
/// How long a request waits for an answer.
const ANSWER: Duration = Duration::from_millis(500);

/// Removes a key if it still has the value.
const REMOVE_IF: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
/// Gives a key a new end if it still has the value.
const RENEW_IF: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0";
/// Adds one, and sets the end with the first.
const COUNT: &str = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return n";
/// Sets a key that is not there; one that has the value already was set by the call before, whose
/// answer was lost.
const SET_NEW_AGAIN: &str = "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[1]) == ARGV[1] then return 'OK' end return false";

/// A [`SharedState`] and a [`SessionStore`] in Redis. One connection serves all requests, and comes back by itself.
///
/// A Redis Cluster is known by its answers, and spoken to as one from then on.
#[derive(Clone)]
pub struct Redis {
    server: Arc<Server>,
    prefix: String,
}

impl Redis {
    /// A state at `url` (`redis://` or `rediss://`), whose keys begin with `prefix`. Connects when it
    /// is first used. Of a cluster, `url` is one of its nodes.
    ///
    /// # Errors
    ///
    /// When the URL is not one of Redis, when it asks for TLS that verifies nobody (`#insecure`), or
    /// when it asks for TLS and the system has no root certificates.
    pub fn new(url: &str, prefix: &str) -> Result<Self, StateError> {
        // The error is not passed on: it may hold the URL, and the URL a password.
        let info = url.into_connection_info();
        let info = info.map_err(|_| StateError::new("the URL is not one of Redis"))?;
        if let ConnectionAddr::TcpTls { insecure, .. } = info.addr() {
            if *insecure {
                return Err(StateError::new("TLS that verifies nobody protects nothing"));
            }
            tls().ok_or_else(|| StateError::new("the system has no root certificates for TLS"))?;
        }
        Ok(Self {
            server: Arc::new(Server {
                info,
                is_cluster: AtomicBool::new(false),
                open: Mutex::default(),
            }),
            prefix: prefix.to_owned(),
        })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// `SET key value NX|XX PX ttl`: decides and writes in one step.
    fn set(&self, condition: Option<&str>, key: &str, value: &[u8], ttl: Duration) -> Cmd {
        let mut set = cmd("SET");
        set.arg(self.key(key)).arg(value).arg(condition);
        set.arg("PX").arg(milliseconds(ttl));
        set
    }

    fn eval(&self, script: &str, key: &str) -> Cmd {
        let mut eval = cmd("EVAL");
        eval.arg(script).arg(1).arg(self.key(key));
        eval
    }

    fn set_new<'a>(&'a self, key: &str, value: &[u8], ttl: Duration) -> StateFuture<'a, bool> {
        let set = self.set(Some("NX"), key, value, ttl);
        let mut again = self.eval(SET_NEW_AGAIN, key);
        again.arg(value).arg(milliseconds(ttl));
        Box::pin(async move {
            let set: Option<String> = self.server.ask(&set, Some(&again)).await?;
            Ok(set.is_some())
        })
    }

    /// Asks what may be asked twice.
    async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, StateError> {
        self.server.ask(&command, Some(&command)).await
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// Where a Redis is, and the connection to it that all requests share.
struct Server {
    info: ConnectionInfo,
    is_cluster: AtomicBool,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    connection: Option<Connection>,
    /// Which one it is.
    number: u64,
    failed: Option<Instant>,
}

#[derive(Clone)]
enum Connection {
    One(Node),
    /// Finds the node that a key is at; where a question has keys of several nodes, asks each.
    Cluster(ClusterConnection<Node>),
}

impl Server {
    /// Asks once, and where the connection turns out to be dead once more, on a new one: with
    /// `again`, since the first command may have been carried out. `None`: it must not be.
    async fn ask<T: FromRedisValue>(
        &self,
        first: &Cmd,
        again: Option<&Cmd>,
    ) -> Result<T, StateError> {
        let answer = self.answer(first, again).await;
        // Not the error itself: it may hold the URL.
        answer.map_err(|error| match () {
            () if error.is_connection_refusal() => StateError::new("connection refused"),
            () if error.is_timeout() => StateError::new("no answer in time"),
            () => StateError::new(error.category()),
        })
    }

    async fn answer<T: FromRedisValue>(&self, first: &Cmd, again: Option<&Cmd>) -> RedisResult<T> {
        let (mut connection, number) = self.connection(None).await?;
        let answer = connection.ask(first).await;
        let Err(error) = &answer else { return answer };
        let is_one = matches!(connection, Connection::One(_));
        let next = if is_one && is_of_a_cluster(error) {
            // A node that is not the key's has done nothing.
            self.is_cluster.store(true, Ordering::Relaxed);
            Some(first)
        } else if is_of_no_primary(error) {
            // It was one before a failover, perhaps; what it refuses it has not done.
            self.forget(number).await;
            Some(first)
        } else if error.is_timeout() {
            // Whoever comes next does not wait for the same silence.
            self.forget(number).await;
            None
        } else if error.is_io_error() || error.is_unrecoverable_error() {
            self.forget(number).await;
            again
        } else {
            None
        };
        let Some(next) = next else { return answer };
        let (mut connection, _) = self.connection(Some(number)).await?;
        connection.ask(next).await
    }

    /// The connection, or a new one where there is none but `dead`.
    async fn connection(&self, dead: Option<u64>) -> RedisResult<(Connection, u64)> {
        let came = moment();
        let mut open = self.open.lock().await;
        if dead == Some(open.number) {
            open.connection = None;
        }
        if let Some(connection) = &open.connection {
            return Ok((connection.clone(), open.number));
        }
        // Who has waited for the attempt of another has waited for long enough.
        if open.failed.is_some_and(|failed| failed > came) {
            return Err(timed_out());
        }
        let connecting = tokio::time::timeout(CONNECT, self.connect()).await;
        match connecting.unwrap_or_else(|_| Err(timed_out())) {
            Ok(connection) => {
                open.connection = Some(connection.clone());
                open.number += 1;
                Ok((connection, open.number))
            }
            Err(error) => {
                open.failed = Some(moment());
                Err(error)
            }
        }
    }

    async fn forget(&self, number: u64) {
        let mut open = self.open.lock().await;
        if open.number == number {
            open.connection = None;
        }
    }

    async fn connect(&self) -> RedisResult<Connection> {
        if !self.is_cluster.load(Ordering::Relaxed) {
            let config = AsyncConnectionConfig::new().set_response_timeout(Some(ANSWER));
            return Ok(Connection::One(Node::connect(&self.info, config).await?));
        }
        let client = ClusterClient::builder([self.info.clone()])
            .connection_timeout(ANSWER)
            .response_timeout(ANSWER)
            .overall_response_timeout(Some(CONNECT))
            .build()?;
        // With nodes of ours: theirs take what TLS configuration they find.
        let connection = client.get_async_generic_connection().await?;
        Ok(Connection::Cluster(connection))
    }
}

impl Connection {
    async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::One(node) => command.query_async(node).await,
            Self::Cluster(nodes) => command.query_async(nodes).await,
        }
    }
}

fn timed_out() -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

/// Returns whether only a node of a cluster answers so.
fn is_of_a_cluster(error: &RedisError) -> bool {
    error.is_cluster_error() || error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}

/// Returns whether only a node that takes no writes, or has lost its primary, answers so.
fn is_of_no_primary(error: &RedisError) -> bool {
    let kind = error.kind();
    kind == ErrorKind::Server(ServerErrorKind::ReadOnly)
        || kind == ErrorKind::Server(ServerErrorKind::MasterDown)
        // Before Redis 7, of what a script writes.
        || error.detail().is_some_and(|it| it.contains("-READONLY "))
}

/// A connection to one Redis.
#[derive(Clone)]
struct Node {
    connection: MultiplexedConnection,
    /// What reads and writes ends with the last clone, whatever it still waits for.
    _driver: Arc<Driver>,
}

struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Node {
    async fn connect(info: &ConnectionInfo, config: AsyncConnectionConfig) -> RedisResult<Self> {
        match info.addr() {
            ConnectionAddr::Tcp(host, port) => {
                Self::over(tcp(host, *port).await?, info, config).await
            }
            ConnectionAddr::TcpTls { host, port, .. } => {
                let no_roots = || RedisError::from((ErrorKind::InvalidClientConfig, "no roots"));
                let tls = TlsConnector::from(tls().ok_or_else(no_roots)?);
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                let stream = tls.connect(name, tcp(host, *port).await?).await?;
                Self::over(stream, info, config).await
            }
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await?;
                Self::over(stream, info, config).await
            }
            _ => Err((ErrorKind::InvalidClientConfig, "no such address").into()),
        }
    }

    async fn over<S>(
        stream: S,
        info: &ConnectionInfo,
        config: AsyncConnectionConfig,
    ) -> RedisResult<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let redis = info.redis_settings();
        let (connection, driver) =
            MultiplexedConnection::new_with_config(redis, stream, config).await?;
        let driver = tokio::spawn(driver).abort_handle();
        Ok(Self {
            connection,
            _driver: Arc::new(Driver(driver)),
        })
    }
}

async fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Returns what TLS connections are made with: a provider that is named, since rustls knows none by itself
/// where several are compiled in, and the system's roots. `None`: there are none.
fn tls() -> Option<Arc<ClientConfig>> {
    static TLS: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    let config = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return None;
        }
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let config = ClientConfig::builder_with_provider(Arc::new(provider));
        let config = config.with_safe_default_protocol_versions().ok()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Some(Arc::new(config))
    };
    TLS.get_or_init(config).clone()
}

impl ConnectionLike for Node {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        self.connection.req_packed_command(command)
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.connection.req_packed_commands(commands, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}

impl Connect for Node {
    fn connect_with_config<'a, T>(info: T, config: AsyncConnectionConfig) -> RedisFuture<'a, Self>
    where
        T: IntoConnectionInfo + Send + 'a,
    {
        Box::pin(async move {
            let info = info.into_connection_info()?;
            let connecting = tokio::time::timeout(ANSWER, Self::connect(&info, config)).await;
            connecting.unwrap_or_else(|_| Err(timed_out()))
        })
    }
}

impl SharedState for Redis {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        let mut get = cmd("MGET");
        for key in keys {
            get.arg(self.key(key));
        }
        Box::pin(self.ask(get))
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        Box::pin(self.ask(self.set(None, key, value, ttl)))
    }

    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.set_new(key, value, ttl)
    }

    fn renew_if<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        let mut renew = self.eval(RENEW_IF, key);
        renew.arg(value).arg(milliseconds(ttl));
        Box::pin(async move { Ok(self.ask::<i64>(renew).await? == 1) })
    }

    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        let mut remove = self.eval(REMOVE_IF, key);
        remove.arg(value);
        Box::pin(async move { self.ask::<i64>(remove).await.map(drop) })
    }

    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        let mut count = self.eval(COUNT, key);
        count.arg(milliseconds(ttl));
        Box::pin(async move { self.server.ask(&count, None).await })
    }
}

impl SessionStore for Redis {
    fn create<'a>(
        &'a self,
        key: &'a str,
        record: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.set_new(key, record, ttl)
    }

    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        let mut get = cmd("GET");
        get.arg(self.key(key));
        Box::pin(self.ask(get))
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        let save = self.set(Some("XX"), key, record, ttl);
        Box::pin(async move { Ok(self.ask::<Option<String>>(save).await?.is_some()) })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        let mut delete = cmd("DEL");
        delete.arg(self.key(key));
        Box::pin(async move { self.ask::<i64>(delete).await.map(drop) })
    }
}
