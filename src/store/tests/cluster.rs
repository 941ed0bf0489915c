//! A private PostgreSQL cluster for tests: its own directory, its own port, gone with the process that started it.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// The password of every user; it must show nowhere.
pub(crate) const PASSWORD: &str = "canary-team-51d0";

/// A running server with TLS for `localhost`.
pub(crate) struct Cluster {
    place: PathBuf,
    bin: PathBuf,
    port: u16,
    databases: AtomicU32,
    /// Ends the server when its standard input closes: when this process ends, however it does.
    guard: Child,
}

/// How a server is stopped.
#[derive(Clone, Copy)]
pub(crate) enum Stop {
    /// Connections are broken off, what was committed is in order.
    Fast,
    /// As a crash: everything is recovered at the next start.
    Crash,
}

impl Cluster {
    /// Starts a server. `None` where PostgreSQL is not installed; where it is required that is a failure.
    pub(crate) fn start() -> Option<Self> {
        let Some(bin) = binaries() else {
            let required = std::env::var("SWITCHBOARD_TEST_REQUIRE").is_ok_and(|value| !value.is_empty());
            assert!(!required, "PostgreSQL is required here and is not installed");
            eprintln!("skipped: no PostgreSQL; install Debian's package postgresql");
            return None;
        };
        let place = tempfile::Builder::new().prefix("switchboard-pg-").tempdir().expect("a directory").keep();
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        certificates(&place);
        std::fs::write(place.join("password"), PASSWORD).expect("written");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port").port();
        if is_root() {
            done(Command::new("chown").arg("-R").arg("postgres").arg(&place));
        }
        let guard = unprivileged("sh")
            .args(["-c", "cat >/dev/null; \"$0/pg_ctl\" -D \"$1/data\" -m immediate stop; rm -rf \"$1\""])
            .args([&bin, &place])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let cluster = Self { place, bin, port, databases: AtomicU32::new(0), guard };
        let data = cluster.place.join("data");
        let password = format!("--pwfile={}", cluster.place.join("password").display());
        let init =
            ["--no-sync", "--auth=scram-sha-256", "--username=admin", "--encoding=UTF8", "--locale=C", &password];
        done(unprivileged(cluster.bin.join("initdb")).args(init).arg("-D").arg(&data));
        cluster.go_on();
        cluster.sql("postgres", &format!("CREATE ROLE ops LOGIN PASSWORD '{PASSWORD}'"));
        Some(cluster)
    }

    /// Starts the server again.
    pub(crate) fn go_on(&self) {
        let place = self.place.display();
        let options = format!(
            "-p {} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60 -c ssl=on \
            -c ssl_cert_file={place}/server.pem -c ssl_key_file={place}/server.key",
            self.port
        );
        self.control(&["-w", "-l", &format!("{place}/log"), "-o", &options, "start"]);
    }

    pub(crate) fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Crash => "immediate",
        };
        self.control(&["-w", "-m", mode, "stop"]);
    }

    fn control(&self, args: &[&str]) {
        done(unprivileged(self.bin.join("pg_ctl")).arg("-D").arg(self.place.join("data")).args(args));
    }

    /// A new database that belongs to the user `ops`: its name.
    pub(crate) fn database(&self) -> String {
        let name = format!("team_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER ops"));
        name
    }

    /// The URL of a database, without TLS.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://ops:{PASSWORD}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that vouches for the server.
    pub(crate) fn authority(&self) -> PathBuf {
        self.place.join("authority.pem")
    }

    /// What `psql` answers, as the server's administrator: rows in lines, columns between bars.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        let url = format!("postgres://admin@127.0.0.1:{}/{database}?sslmode=disable", self.port);
        let args = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, &url];
        done(Command::new(self.bin.join("psql")).args(args).env("PGPASSWORD", PASSWORD)).trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        self.guard.wait().ok();
    }
}

/// The newest installed version; Debian does not put it on the path.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
        .collect();
    found.sort();
    found.pop()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    output.stdout.trim_ascii() == b"0"
}

/// The server refuses to run as root.
fn unprivileged(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}

/// Output goes to files: a server that stays behind would keep a pipe open.
fn done(command: &mut Command) -> String {
    let (out, err) = (tempfile::NamedTempFile::new().expect("a file"), tempfile::NamedTempFile::new().expect("a file"));
    let status = command
        .stdin(Stdio::null())
        .stdout(out.reopen().expect("a file"))
        .stderr(err.reopen().expect("a file"))
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = |file: &Path| std::fs::read_to_string(file).unwrap_or_default();
    assert!(status.success(), "{command:?}: {} {}", told(out.path()), told(err.path()));
    told(out.path())
}

fn certificates(place: &Path) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, "the team's authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let write = |name: &str, text: String, mode: u32| {
        let path = place.join(name);
        let mut file = std::fs::File::create(&path).expect("a file");
        file.set_permissions(std::fs::Permissions::from_mode(mode)).expect("a mode");
        file.write_all(text.as_bytes()).expect("written");
    };
    write("authority.pem", authority.pem(), 0o644);
    write("server.pem", certificate.pem(), 0o644);
    write("server.key", key.serialize_pem(), 0o600);
}
