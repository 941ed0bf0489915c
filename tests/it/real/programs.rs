//! Starting the programs: each with a configuration of its own, ended when it is dropped.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use super::certificates::Certificates;
use super::installed;

/// What squid, tinyproxy and microsocks ask for.
pub(super) const USER: &str = "svc";
/// Nothing in it may be taken for a part of a URL.
pub(super) const PASSWORD: &str = "pa:ss@w%rd/é";

/// How long a program may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a program is started before its test fails.
const TRIES: usize = 5;

/// A running program.
pub(super) struct Program {
    child: Child,
    /// Where it listens; the first is what it was started for.
    pub(super) ports: Vec<u16>,
}

impl Program {
    /// Starts a program on `count` free ports and waits until it listens on all of them. A port may be taken by another
    /// between its choice and its use: then others are tried.
    fn start(count: usize, configured: impl Fn(&[u16]) -> Command) -> Self {
        for _ in 0..TRIES {
            let ports: Vec<u16> = (0..count).map(|_| free_port()).collect();
            let mut command = configured(&ports);
            let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            let mut program = Self { child: child.expect("the program starts"), ports };
            if program.listens() {
                return program;
            }
        }
        panic!("{:?} ended at each of {TRIES} starts", configured(&vec![0; count]));
    }

    /// Waits until it listens everywhere; false where it ended instead.
    fn listens(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        for port in self.ports.clone() {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                if self.child.try_wait().expect("the program is watched").is_some() {
                    return false;
                }
                assert!(Instant::now() < deadline, "nothing listens on {port}");
                park_timeout(Duration::from_millis(10));
            }
        }
        // Another's program may be the one that listens.
        self.child.try_wait().expect("the program is watched").is_none()
    }

    pub(super) fn port(&self) -> u16 {
        self.ports.first().copied().unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn written(place: &Path, name: &str, text: &str) -> PathBuf {
    let file = place.join(name);
    std::fs::write(&file, text).expect("the configuration is written");
    file
}

/// What squid asks of its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Squid {
    Open,
    Basic,
    Tls,
}

/// Squid; its log is `squid.log` in `place`.
pub(super) fn squid(place: &Path, kind: Squid, certificates: &Certificates) -> Option<Program> {
    let program = installed("squid")?;
    let listen = |port: u16| match kind {
        Squid::Open | Squid::Basic => format!("http_port 127.0.0.1:{port}"),
        Squid::Tls => format!(
            "https_port 127.0.0.1:{port} tls-cert={} tls-key={}",
            certificates.pem("proxy"),
            certificates.key("proxy")
        ),
    };
    let access = match kind {
        Squid::Open | Squid::Tls => "http_access allow all".to_owned(),
        Squid::Basic => {
            // Squid hands over user and password with %XX for what is special.
            let checker = written(
                place,
                "checker.sh",
                "#!/bin/sh\nwhile read -r line; do\n  case $line in\n    'svc pa:ss@w%25rd/%C3%A9') echo OK ;;\n    *) echo ERR ;;\n  esac\ndone\n",
            );
            format!(
                "auth_param basic program /bin/sh {}\nauth_param basic children 1\nacl known proxy_auth REQUIRED\n\
                http_access allow known\nhttp_access deny all",
                checker.display()
            )
        }
    };
    let log = place.join("squid.log");
    std::fs::write(&log, "").expect("the log is made");
    let open_to_all = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    std::fs::set_permissions(&log, open_to_all).expect("squid may write its log");
    let text = format!(
        "{access}\ncache deny all\npid_filename none\nshutdown_lifetime 0 seconds\nvisible_hostname squid.test\n\
        cache_log /dev/null\naccess_log stdio:{}\nnetdb_filename none\npinger_enable off\nlogfile_rotate 0\n\
        connect_timeout 2 seconds\nforward_timeout 3 seconds\n",
        log.display()
    );
    Some(Program::start(1, |ports| {
        let file = written(place, "squid.conf", &format!("{}\n{text}", listen(ports[0])));
        let mut command = Command::new(&program);
        command.arg("-N").arg("-f").arg(file);
        command
    }))
}

/// Tinyproxy, with Basic authentication.
pub(super) fn tinyproxy(place: &Path, user: &str, password: &str) -> Option<Program> {
    let program = installed("tinyproxy")?;
    Some(Program::start(1, |ports| {
        let listen = format!("Port {}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\n", ports[0]);
        let file = written(place, "tinyproxy.conf", &format!("{listen}BasicAuth {user} {password}\n"));
        let mut command = Command::new(&program);
        command.arg("-d").arg("-c").arg(file);
        command
    }))
}

/// Microsocks; with a user and a password where `auth` says so.
pub(super) fn microsocks(auth: Option<(&str, &str)>) -> Option<Program> {
    let program = installed("microsocks")?;
    Some(Program::start(1, |ports| {
        let mut command = Command::new(&program);
        command.args(["-i", "127.0.0.1", "-p", &ports[0].to_string()]);
        if let Some((user, password)) = auth {
            command.args(["-u", user, "-P", password]);
        }
        command
    }))
}

/// The servers that nginx plays, each on a port of its own, before one upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    Plain,
    Buffering,
    /// TLS with this certificate.
    Tls(&'static str),
    /// TLS of this version alone.
    Version(&'static str),
    /// TLS that asks for a certificate of `client-ca`.
    Mutual,
}

/// Every site the tests call.
pub(super) const SITES: [Site; 13] = [
    Site::Plain,
    Site::Buffering,
    Site::Tls("good"),
    Site::Tls("rsa"),
    Site::Tls("wrong-host"),
    Site::Tls("expired"),
    Site::Tls("future"),
    Site::Tls("self-signed"),
    Site::Tls("unknown"),
    Site::Tls("corp"),
    Site::Version("TLSv1.2"),
    Site::Version("TLSv1.3"),
    Site::Mutual,
];

/// Nginx with all [`SITES`].
pub(super) struct Nginx(Program);

impl Nginx {
    /// The port of a site.
    pub(super) fn port(&self, site: Site) -> u16 {
        let at = SITES.iter().position(|known| *known == site).expect("a known site");
        self.0.ports[at]
    }

    /// The base URL of a site.
    pub(super) fn base(&self, site: Site) -> String {
        let scheme = match site {
            Site::Plain | Site::Buffering => "http",
            Site::Tls(_) | Site::Version(_) | Site::Mutual => "https",
        };
        format!("{scheme}://localhost:{}/v1", self.port(site))
    }
}

/// Nginx before the server at `upstream` (`http://host:port`).
pub(super) fn nginx(place: &Path, upstream: &str, certificates: &Certificates) -> Option<Nginx> {
    let program = installed("nginx")?;
    Some(Nginx(Program::start(SITES.len(), |ports| {
        let sites = SITES.iter().zip(ports);
        let servers: String = sites.map(|(site, port)| server(*site, *port, upstream, certificates)).collect();
        let at = place.display();
        let text = format!(
            "daemon off;\nmaster_process off;\npid {at}/nginx.pid;\nerror_log {at}/nginx.err;\nevents {{}}\nhttp {{\n\
            access_log off;\nclient_body_temp_path {at}/body;\nproxy_temp_path {at}/proxy;\nfastcgi_temp_path {at}/fastcgi;\n\
            uwsgi_temp_path {at}/uwsgi;\nscgi_temp_path {at}/scgi;\nproxy_http_version 1.1;\n{servers}}}\n"
        );
        let file = written(place, "nginx.conf", &text);
        let mut command = Command::new(&program);
        command.arg("-e").arg(place.join("nginx.err")).arg("-p").arg(place).arg("-c").arg(file);
        command
    })))
}

fn server(site: Site, port: u16, upstream: &str, certificates: &Certificates) -> String {
    let pair = |name: &str| {
        format!("ssl_certificate {};\nssl_certificate_key {};\n", certificates.pem(name), certificates.key(name))
    };
    let (listen, settings) = match site {
        Site::Plain => ("", "proxy_buffering off;\n".to_owned()),
        Site::Buffering => ("", "proxy_buffering on;\nproxy_buffers 16 64k;\nproxy_buffer_size 64k;\n".to_owned()),
        Site::Tls(name) => (" ssl", format!("{}proxy_buffering off;\n", pair(name))),
        Site::Version(version) => (" ssl", format!("{}ssl_protocols {version};\nproxy_buffering off;\n", pair("good"))),
        Site::Mutual => (
            " ssl",
            format!(
                "{}ssl_client_certificate {};\nssl_verify_client on;\nproxy_buffering off;\n",
                pair("good"),
                certificates.pem("client-ca")
            ),
        ),
    };
    format!("server {{\nlisten 127.0.0.1:{port}{listen};\n{settings}location / {{ proxy_pass {upstream}; }}\n}}\n")
}

/// Stunnel before `upstream` (`host:port`): TLS 1.3 that refuses by alert who has no certificate of `client-ca`.
pub(super) fn stunnel(place: &Path, upstream: &str, certificates: &Certificates) -> Option<Program> {
    let program = installed("stunnel")?;
    Some(Program::start(1, |ports| {
        let text = format!(
            "foreground = yes\npid =\n[gateway]\naccept = 127.0.0.1:{}\nconnect = {upstream}\ncert = {}\nkey = {}\n\
            CAfile = {}\nverifyChain = yes\nsslVersionMin = TLSv1.3\n",
            ports[0],
            certificates.pem("good"),
            certificates.key("good"),
            certificates.pem("client-ca")
        );
        let mut command = Command::new(&program);
        command.arg(written(place, "stunnel.conf", &text));
        command
    }))
}
