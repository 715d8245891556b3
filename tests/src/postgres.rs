//! A Postgres of a test's own.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

/// A Postgres on a port that the system picks, with data of its own; both end with the test.
pub struct PostgresServer {
    child: Child,
    command: Command,
    data: PathBuf,
    port: u16,
}

impl PostgresServer {
    /// Starts one. `None` where it is not installed, which is said loudly.
    pub async fn start() -> Option<Self> {
        let starting = tokio::task::spawn_blocking(Self::start_now);
        starting.await.unwrap()
    }

    fn start_now() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED: Postgres is not installed (apt-get install postgresql)");
            return None;
        };
        let (address, reserved) = crate::reserve_port();
        drop(reserved);
        let port = address.port();
        let data = env::temp_dir().join(format!("authsafe-postgres-{}-{port}", process::id()));
        fs::create_dir(&data).unwrap();
        let is_root = fs::metadata(&data).unwrap().uid() == 0;
        if is_root {
            run(Command::new("chown").arg("postgres").arg(&data));
        }
        let pg_data = data.join("data");
        let mut initdb = program(&programs.join("initdb"), is_root);
        initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "-D"]);
        run(initdb.arg(&pg_data));
        let mut postgres = program(&programs.join("postgres"), is_root);
        postgres.args(["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]);
        postgres.args([
            "-c",
            "unix_socket_directories=",
            "-p",
            &port.to_string(),
            "-D",
        ]);
        let child = quiet(postgres.arg(&pg_data)).spawn().unwrap();
        let server = Self {
            child,
            command: postgres,
            data,
            port,
        };
        server.is_up();
        Some(server)
    }

    fn is_up(&self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let deadline = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "Postgres does not start");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// It goes down at once, whoever speaks with it, and keeps its data.
    pub fn kill(&mut self) {
        let pid = self.child.id().to_string();
        let _ = quiet(Command::new("kill").args(["-QUIT", &pid])).status();
        let _ = self.child.wait();
    }

    /// Another one in the place of one that has gone down, with the same data.
    pub fn start_again(&mut self) {
        self.child = self.command.spawn().unwrap();
        self.is_up();
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // An immediate shutdown: nobody will want the data.
        self.kill();
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// Where Postgres keeps its programs: not in the path of most systems.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let versions = versions.flatten().map(|version| version.path().join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    versions
        .chain(env::split_paths(&path))
        .find(|folder| folder.join("initdb").exists())
}

/// Postgres refuses to run as root.
fn program(program: &Path, is_root: bool) -> Command {
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    command.arg(program).current_dir("/");
    command
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

fn run(command: &mut Command) {
    let status = quiet(command).status().unwrap();
    assert!(status.success(), "{command:?}");
}
