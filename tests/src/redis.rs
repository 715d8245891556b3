//! A Redis of a test's own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// A `redis-server` on a port that the system picks; it ends with the test.
pub struct RedisServer {
    child: Child,
    port: u16,
    arguments: Vec<String>,
}

impl RedisServer {
    /// Starts one. `None` where the program is not installed, which is said loudly.
    pub async fn start() -> Option<Self> {
        let port = free_port();
        Self::start_at(port, &["--port", &port.to_string()]).await
    }

    /// Starts one that speaks TLS alone, as whoever the certificate says.
    pub async fn start_tls(certificate: &str, key: &str) -> Option<Self> {
        let port = free_port();
        let tls = ["--tls-cert-file", certificate, "--tls-key-file", key];
        let clients = ["--tls-auth-clients", "no"];
        let port_alone = ["--port", "0", "--tls-port", &port.to_string()];
        Self::start_at(port, &[&tls[..], &clients, &port_alone].concat()).await
    }

    async fn start_at(port: u16, arguments: &[&str]) -> Option<Self> {
        let always = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        // Without a file, also where one takes over what another has.
        let diskless = [
            "--repl-diskless-load",
            "swapdb",
            "--repl-diskless-sync-delay",
            "0",
        ];
        let arguments = always.iter().chain(&diskless).chain(arguments);
        let arguments: Vec<String> = arguments.map(|&it| it.to_owned()).collect();
        let Some(child) = spawn(&arguments) else {
            eprintln!("SKIPPED: redis-server is not installed (apt-get install redis-server)");
            return None;
        };
        let server = Self {
            child,
            port,
            arguments,
        };
        server.is_up().await;
        Some(server)
    }

    async fn is_up(&self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < deadline, "redis-server does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub async fn stop(mut self) {
        self.kill().await;
    }

    /// It dies, and forgets everything.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Another one in the place of one that has died.
    pub async fn start_again(&mut self) {
        self.child = spawn(&self.arguments).unwrap();
        self.is_up().await;
    }

    /// It takes connections, and answers nothing.
    pub async fn freeze(&self) {
        self.signal("-STOP").await;
    }

    /// It takes over what another has, and whatever is written there.
    pub async fn follows(&self, other: &Self) {
        let port = other.port.to_string();
        self.command(&["REPLICAOF", "127.0.0.1", &port]).await;
        wait_until("it follows", async || {
            self.replication("master_link_status").await == "up"
        })
        .await;
    }

    /// Waits until what was written at `other` is here, which it [follows](Self::follows).
    pub async fn has_all_of(&self, other: &Self) {
        let written = other.replication("master_repl_offset").await;
        let written: u64 = written.parse().unwrap();
        wait_until("it has all", async || {
            let here = self.replication("slave_repl_offset").await;
            here.parse().is_ok_and(|here: u64| here >= written)
        })
        .await;
    }

    /// What it says of its replication under this name.
    async fn replication(&self, name: &str) -> String {
        let info = self.command(&["INFO", "replication"]).await;
        let value = |line: &String| Some(line.strip_prefix(name)?.strip_prefix(':')?.to_owned());
        info.iter().find_map(value).unwrap_or_default()
    }

    pub async fn thaw(&self) {
        self.signal("-CONT").await;
    }

    async fn signal(&self, signal: &str) {
        let pid = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args([signal, &pid]).status().await;
        assert!(status.unwrap().success());
    }

    /// What it answers to a command, line by line.
    pub async fn command(&self, command: &[&str]) -> Vec<String> {
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &self.port.to_string()]).args(command);
        let output = cli.output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
        let answer = String::from_utf8(output.stdout).unwrap();
        answer.lines().map(str::to_owned).collect()
    }
}

fn spawn(arguments: &[String]) -> Option<Child> {
    let mut redis = Command::new("redis-server");
    redis.args(arguments).stdout(Stdio::null());
    redis.kill_on_drop(true).spawn().ok()
}

fn free_port() -> u16 {
    let (address, reserved) = crate::reserve_port();
    drop(reserved);
    address.port()
}

/// An address behind which a server may be replaced by another one, as a failover does it:
/// connections that there are stay where they are.
pub async fn in_front_of(port: &Arc<AtomicU16>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let port = Arc::clone(port);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let port = port.load(Ordering::Relaxed);
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    url
}

/// A Redis Cluster of a test's own.
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
    folder: PathBuf,
}

impl RedisCluster {
    /// Starts one, each node with its share of the slots. `None` where `redis-server` is not
    /// installed.
    pub async fn start(nodes: usize) -> Option<Self> {
        let mut cluster = Self {
            nodes: Vec::new(),
            folder: env::temp_dir().join(format!("authsafe-cluster-{}", free_port())),
        };
        fs::create_dir(&cluster.folder).unwrap();
        let mut buses = Vec::new();
        for _ in 0..nodes {
            let (port, bus) = (free_port(), free_port().to_string());
            let (name, folder) = (format!("{port}.conf"), cluster.folder.to_str().unwrap());
            let enabled = ["--cluster-enabled", "yes", "--cluster-config-file", &name];
            let ports = ["--port", &port.to_string(), "--cluster-port", &bus];
            let arguments = [&enabled[..], &ports, &["--dir", folder]].concat();
            cluster
                .nodes
                .push(RedisServer::start_at(port, &arguments).await?);
            buses.push(bus);
        }
        let share = 16384_usize.div_ceil(nodes);
        for (at, node) in cluster.nodes.iter().enumerate() {
            let (first, after) = (at * share, ((at + 1) * share).min(16384));
            let (first, last) = (first.to_string(), (after - 1).to_string());
            node.command(&["CLUSTER", "ADDSLOTSRANGE", &first, &last])
                .await;
            for (other, bus) in cluster.nodes.iter().zip(&buses) {
                let port = other.port.to_string();
                node.command(&["CLUSTER", "MEET", "127.0.0.1", &port, bus])
                    .await;
            }
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        for node in &cluster.nodes {
            while !node.knows_all_of(nodes).await {
                assert!(Instant::now() < deadline, "the cluster does not start");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Some(cluster)
    }

    pub fn url(&self) -> String {
        self.nodes[0].url()
    }

    /// How many keys each node has.
    pub async fn keys(&self) -> Vec<usize> {
        let mut keys = Vec::new();
        for node in &self.nodes {
            keys.push(node.command(&["DBSIZE"]).await[0].parse().unwrap());
        }
        keys
    }
}

impl Drop for RedisCluster {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl RedisServer {
    async fn knows_all_of(&self, nodes: usize) -> bool {
        let info = self.command(&["CLUSTER", "INFO"]).await.join("\n");
        let slots = self.command(&["CLUSTER", "SHARDS"]).await.join("\n");
        let known = slots.matches("online").count();
        info.contains("cluster_state:ok") && known == nodes
    }
}

async fn wait_until(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
