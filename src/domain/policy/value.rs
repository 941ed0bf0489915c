//! The values of network keys: text in, value or what is wrong with it out, and back.

use std::time::Duration;

use super::hosts::{HostRule, Pin};
use super::key::{Kind, NetworkKey};
use super::proxy::ProxySetting;
use crate::domain::connector::Header;
use crate::domain::secret::{SecretRef, SecretRefProblem};
use crate::domain::units;

/// What a table says for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkValue {
    /// A limit of time.
    Duration(Duration),
    /// A limit of bytes.
    Size(u64),
    /// Which proxy.
    Proxy(ProxySetting),
    /// A text, or a path as typed.
    Text(String),
    /// Where a secret lives.
    Secret(SecretRef),
    /// Headers for the proxy.
    Headers(Vec<Header>),
    /// Hosts.
    Hosts(Vec<HostRule>),
    /// Paths, as typed.
    Files(Vec<String>),
    /// What happens to the system's authorities.
    CaMode(CaMode),
    /// How certificates are verified.
    Verification(VerificationMode),
    /// The oldest TLS version.
    MinTls(MinTls),
    /// The HTTP version.
    Http(HttpVersion),
    /// Addresses for names.
    Resolve(Vec<Pin>),
}

/// What a value comes to in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// A table of texts, in order.
    Table(Vec<(String, String)>),
}

/// How a certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VerificationMode {
    /// Its chain, its dates and its name.
    #[default]
    Full,
    /// Its chain and its dates, not its name.
    Certificate,
    /// Not at all; what would have failed is noted.
    None,
}

/// What added authorities do to those of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaMode {
    /// They stand beside them.
    #[default]
    Add,
    /// They take their place.
    Replace,
}

/// The oldest TLS version that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MinTls {
    /// 1.2, the oldest that can be had.
    #[default]
    V12,
    /// 1.3.
    V13,
}

/// Which HTTP version is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HttpVersion {
    /// Both; the server chooses, by ALPN.
    #[default]
    Auto,
    /// HTTP/1.1 alone.
    Http1,
    /// HTTP/2 alone; over TLS.
    Http2,
}

impl VerificationMode {
    /// Every word, the default first.
    pub const WORDS: &[&str] = &["full", "certificate", "none"];

    /// The word of the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Certificate => "certificate",
            Self::None => "none",
        }
    }
}

impl CaMode {
    /// Every word, the default first.
    pub const WORDS: &[&str] = &["add", "replace"];

    /// The word of the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
        }
    }
}

impl MinTls {
    /// Every word, the default first.
    pub const WORDS: &[&str] = &["1.2", "1.3"];

    /// The word of the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::V12 => "1.2",
            Self::V13 => "1.3",
        }
    }
}

impl HttpVersion {
    /// Every word, the default first.
    pub const WORDS: &[&str] = &["auto", "1.1", "2"];

    /// The word of the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Http1 => "1.1",
            Self::Http2 => "2",
        }
    }
}

impl NetworkValue {
    /// Reads a value as typed: lists and tables one entry a line, lists of one line also with commas.
    ///
    /// # Errors
    /// What is wrong, with the fix. A text that may be a secret is not repeated.
    pub fn parse(key: NetworkKey, text: &str) -> Result<Self, String> {
        let text = text.trim_start();
        let one = text.trim_end();
        match key.kind() {
            Kind::Duration => told(units::parse_duration(one)).map(Self::Duration),
            Kind::Size => told(units::parse_size(one)).map(Self::Size),
            Kind::Proxy => told(ProxySetting::parse(one)).map(Self::Proxy),
            Kind::Text | Kind::Path => single(one).map(Self::Text),
            Kind::Pem => pem(one).map(Self::Text),
            Kind::Secret => secret(one).map(Self::Secret),
            Kind::Headers => super::headers::read(one).map(Self::Headers),
            Kind::Hosts => each(&list(text), |host| told(HostRule::parse(host))).map(Self::Hosts),
            Kind::Files => each(&list(text), single).map(Self::Files),
            Kind::CaMode => choice(one, CaMode::WORDS, [CaMode::Add, CaMode::Replace]).map(Self::CaMode),
            Kind::Verification => {
                let modes = [VerificationMode::Full, VerificationMode::Certificate, VerificationMode::None];
                choice(one, VerificationMode::WORDS, modes).map(Self::Verification)
            }
            Kind::MinTls => choice(one, MinTls::WORDS, [MinTls::V12, MinTls::V13]).map(Self::MinTls),
            Kind::Http => {
                let versions = [HttpVersion::Auto, HttpVersion::Http1, HttpVersion::Http2];
                choice(one, HttpVersion::WORDS, versions).map(Self::Http)
            }
            Kind::Resolve => each(&lines(one), Pin::parse).map(Self::Resolve),
        }
    }

    /// The value in the form of the file.
    pub fn plain(&self) -> Plain {
        match self {
            Self::Hosts(hosts) => Plain::List(hosts.iter().map(ToString::to_string).collect()),
            Self::Files(files) => Plain::List(files.clone()),
            Self::Headers(headers) => Plain::Table(headers.iter().map(|h| (h.name.clone(), h.value.clone())).collect()),
            Self::Resolve(pins) => {
                Plain::Table(pins.iter().map(|pin| (pin.place(), pin.address.to_string())).collect())
            }
            Self::Duration(duration) => Plain::Text(units::show_duration(*duration)),
            Self::Size(size) => Plain::Text(units::show_size(*size)),
            Self::Proxy(proxy) => Plain::Text(proxy.to_string()),
            Self::Text(text) => Plain::Text(text.clone()),
            Self::Secret(secret) => Plain::Text(secret.to_string()),
            Self::CaMode(mode) => Plain::Text(mode.word().to_owned()),
            Self::Verification(mode) => Plain::Text(mode.word().to_owned()),
            Self::MinTls(version) => Plain::Text(version.word().to_owned()),
            Self::Http(version) => Plain::Text(version.word().to_owned()),
        }
    }

    /// The value as text that [`NetworkValue::parse`] reads back.
    pub fn text(&self) -> String {
        let separator = if matches!(self, Self::Headers(_)) { ": " } else { " = " };
        match self.plain() {
            Plain::Text(text) => text,
            // A line end behind it says that a comma belongs to the entry.
            Plain::List(entries) if entries.len() == 1 && entries.iter().any(|entry| entry.contains(',')) => {
                entries.concat() + "\n"
            }
            Plain::List(entries) => entries.join("\n"),
            Plain::Table(entries) => {
                let line = |(name, value): &(String, String)| format!("{name}{separator}{value}");
                entries.iter().map(line).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// The value on one line, as it may be shown: no secret, and no page of PEM.
    pub fn shown(&self) -> String {
        match self {
            Self::Headers(headers) => {
                headers.iter().map(|h| format!("{}: {}", h.name, h.shown())).collect::<Vec<_>>().join(", ")
            }
            Self::Text(text) if text.contains('\n') => {
                format!("inline, {} certificates", text.matches("-----BEGIN").count())
            }
            Self::Text(_)
            | Self::Duration(_)
            | Self::Size(_)
            | Self::Proxy(_)
            | Self::Secret(_)
            | Self::Hosts(_)
            | Self::Files(_)
            | Self::CaMode(_)
            | Self::Verification(_)
            | Self::MinTls(_)
            | Self::Http(_)
            | Self::Resolve(_) => self.text().trim_end().replace('\n', ", "),
        }
    }
}

fn told<T>(result: Result<T, impl std::fmt::Display>) -> Result<T, String> {
    result.map_err(|problem| problem.to_string())
}

fn single(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("it holds a line end or another control character".to_owned());
    }
    Ok(text.to_owned())
}

/// People paste PEM indented, or with `\n` in place of line ends, as other programs write it.
fn pem(text: &str) -> Result<String, String> {
    let text = text.replace("\\n", "\n");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.iter().any(|line| line.contains("PRIVATE KEY-----")) {
        return Err("this holds a private key; put it into a file and name that in client_key".to_owned());
    }
    if !lines.contains(&"-----BEGIN CERTIFICATE-----") {
        return Err("no certificate is in it; it must begin with -----BEGIN CERTIFICATE-----".to_owned());
    }
    Ok(lines.join("\n"))
}

/// What is no reference may be the secret itself.
fn secret(text: &str) -> Result<SecretRef, String> {
    if !SecretRef::is_meant(text) {
        return Err(SecretRefProblem::NoScheme.to_string());
    }
    told(text.parse())
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

fn list(text: &str) -> Vec<&str> {
    if text.contains('\n') {
        return lines(text);
    }
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

/// Every entry, each once.
fn each<T: PartialEq>(entries: &[&str], read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let mut read_so_far = Vec::with_capacity(entries.len());
    for entry in entries {
        let value = read(entry)?;
        if read_so_far.contains(&value) {
            return Err(format!("\"{}\" is there twice; keep one", entry.escape_debug()));
        }
        read_so_far.push(value);
    }
    if read_so_far.is_empty() {
        Err("it is empty; list something, or leave the key out".to_owned())
    } else {
        Ok(read_so_far)
    }
}

fn choice<T: Copy, const N: usize>(text: &str, words: &[&str], values: [T; N]) -> Result<T, String> {
    let found = words.iter().zip(values).find(|(word, _)| **word == text);
    let wrong = || format!("\"{}\" cannot be chosen; use {}", text.escape_debug(), words.join(", "));
    found.map(|(_, value)| value).ok_or_else(wrong)
}
