//! curl's options: which take a value, and what they mean for a connector.

/// What an option means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It changes nothing here.
    Nothing,
    /// The same, with a value.
    NothingWithValue,
    /// It is not carried over, for this reason.
    Told(&'static str),
    /// The same, with a value.
    ToldWithValue(&'static str),
    /// Its value is the URL.
    Url,
    /// Its value is a header.
    Header,
    /// Its value is the key.
    Bearer,
    /// Its value is the body, or a part of it.
    Data(From),
    /// curl has more options than these.
    Unknown,
}

/// Where a body comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// As it stands.
    Text,
    /// As it stands, or from a file where it begins with `@`.
    TextOrFile,
}

impl Meaning {
    pub(super) fn takes_value(self) -> bool {
        match self {
            Self::NothingWithValue
            | Self::ToldWithValue(_)
            | Self::Url
            | Self::Header
            | Self::Bearer
            | Self::Data(_) => true,
            Self::Nothing | Self::Told(_) | Self::Unknown => false,
        }
    }
}

/// What an option of this name means.
pub(super) fn meaning(name: &str) -> Meaning {
    match name {
        "--url" => Meaning::Url,
        "-H" | "--header" => Meaning::Header,
        "--oauth2-bearer" => Meaning::Bearer,
        "-d" | "--data" | "--data-binary" | "--data-ascii" | "--json" => Meaning::Data(From::TextOrFile),
        "--data-raw" => Meaning::Data(From::Text),
        _ => told(name).unwrap_or_else(|| quiet(name)),
    }
}

/// Options that change what is sent or how, and are not carried over.
fn told(name: &str) -> Option<Meaning> {
    Some(match name {
        "-k" | "--insecure" => Meaning::Told("certificates are checked here"),
        "-G" | "--get" | "-I" | "--head" => Meaning::Told("requests are sent with POST"),
        "--data-urlencode" | "-F" | "--form" | "-T" | "--upload-file" => {
            Meaning::ToldWithValue("the body must be JSON")
        }
        "-u" | "--user" => Meaning::ToldWithValue("a name and a password are not sent"),
        "-b" | "--cookie" => Meaning::ToldWithValue("cookies are not sent"),
        "-x" | "--proxy" | "-U" | "--proxy-user" | "--proxy-header" | "--noproxy" | "--socks5"
        | "--socks5-hostname" | "--preproxy" => Meaning::ToldWithValue("set the proxy in the connector"),
        "--cacert" | "--capath" | "-E" | "--cert" | "--key" | "--pass" | "--cert-type" | "--pinnedpubkey" => {
            Meaning::ToldWithValue("set certificates in the connector")
        }
        "--resolve" | "--connect-to" | "--interface" | "--unix-socket" => {
            Meaning::ToldWithValue("connections are made by the URL")
        }
        "-m" | "--max-time" | "--connect-timeout" => Meaning::ToldWithValue("set limits in the connector"),
        "-K" | "--config" => Meaning::ToldWithValue("its file is not read"),
        _ => return None,
    })
}

/// Options that say how curl talks, or what requests do here anyway.
fn quiet(name: &str) -> Meaning {
    match name {
        "-s"
        | "--silent"
        | "-S"
        | "--show-error"
        | "-N"
        | "--no-buffer"
        | "-v"
        | "--verbose"
        | "-i"
        | "--include"
        | "--show-headers"
        | "-L"
        | "--location"
        | "-f"
        | "--fail"
        | "--fail-with-body"
        | "-g"
        | "--globoff"
        | "-#"
        | "--progress-bar"
        | "--compressed"
        | "-0"
        | "--http1.0"
        | "--http1.1"
        | "--http2"
        | "--http2-prior-knowledge"
        | "--http3"
        | "-4"
        | "--ipv4"
        | "-6"
        | "--ipv6"
        | "-O"
        | "--remote-name"
        | "-q"
        | "--disable"
        | "-j"
        | "--no-progress-meter"
        | "--tlsv1.2"
        | "--tlsv1.3"
        | "-Z"
        | "--parallel"
        | "--path-as-is"
        | "--no-keepalive"
        | "--tcp-nodelay"
        | "--raw"
        | "--post301"
        | "--post302" => Meaning::Nothing,
        "-X" | "--request" | "-o" | "--output" | "-A" | "--user-agent" | "-e" | "--referer" | "-w" | "--write-out"
        | "-D" | "--dump-header" | "--retry" | "--retry-delay" | "--retry-max-time" | "-c" | "--cookie-jar"
        | "--stderr" | "--trace" | "--trace-ascii" | "-y" | "-Y" | "--limit-rate" | "--max-filesize"
        | "--keepalive-time" | "--ciphers" | "--max-redirs" => Meaning::NothingWithValue,
        _ => Meaning::Unknown,
    }
}
