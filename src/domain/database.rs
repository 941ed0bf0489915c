//! Where a team's event log is: the URL of a PostgreSQL database, taken apart, its password kept out of sight.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::secret::{SecretRef, SecretRefProblem, SecretText};
use super::text::{Mask, clean_line};

/// `[events] database`: where the URL of the database comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// Resolved at each new connection.
    Reference(SecretRef),
    /// The URL itself; it holds no password.
    Url(String),
}

/// Why a text names no database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseProblem {
    /// It is no URL of PostgreSQL.
    #[error(
        "no URL of a PostgreSQL database; write postgres://user@host/database, or env:NAME, file:PATH, cmd:COMMAND"
    )]
    NoUrl,
    /// A password stands in the configuration.
    #[error(
        "the URL holds a password, which does not belong in this file; keep the whole URL in a variable or a file and \
        write env:NAME or file:PATH here"
    )]
    Password,
    /// The reference is not well formed.
    #[error(transparent)]
    Reference(#[from] SecretRefProblem),
    /// `sslmode` has a value that is not known.
    #[error("sslmode={0} is not known; use disable, prefer, require, verify-ca or verify-full")]
    SslMode(String),
}

impl FromStr for Database {
    type Err = DatabaseProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if SecretRef::is_meant(text) {
            return Ok(Self::Reference(text.parse()?));
        }
        let url = DatabaseUrl::read(&SecretText::new(text))?;
        if url.password.is_some() { Err(DatabaseProblem::Password) } else { Ok(Self::Url(text.to_owned())) }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(reference) => reference.fmt(f),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// How far TLS is asked for: the words of `sslmode`, with the meaning they have for `psql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS where the server offers it, whoever it is.
    #[default]
    Prefer,
    /// TLS, whoever the server is; with `sslrootcert` as [`SslMode::VerifyCa`].
    Require,
    /// TLS with a certificate that a trusted authority issued.
    VerifyCa,
    /// As [`SslMode::VerifyCa`], and the certificate names the host.
    VerifyFull,
}

impl SslMode {
    const ALL: [(&'static str, Self); 6] = [
        ("disable", Self::Disable),
        ("allow", Self::Prefer),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];
}

/// What TLS to a database shall prove.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DatabaseTls {
    /// How far.
    pub mode: SslMode,
    /// `sslrootcert`: a PEM file of authorities that are trusted instead of the system's.
    pub authorities: Option<PathBuf>,
}

/// The URL of a database, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// The URL without what [`DatabaseTls`] tells.
    pub rest: SecretText,
    /// What TLS shall prove.
    pub tls: DatabaseTls,
    /// Host and database, fit to show.
    pub place: String,
    /// The password in it, as it stands there.
    pub password: Option<SecretText>,
}

impl DatabaseUrl {
    /// Takes a URL apart. What is wrong with the rest is found where it is used.
    ///
    /// # Errors
    /// It is no URL of PostgreSQL, or its `sslmode` is not known.
    pub fn read(text: &SecretText) -> Result<Self, DatabaseProblem> {
        let text = text.expose().trim();
        let body = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let (before, query) = split(body.ok_or(DatabaseProblem::NoUrl)?, '?');
        let (authority, database) = split(before, '/');
        let (person, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let mut found = Found { host: host.to_owned(), password: some(split(person, ':').1), ..Found::default() };
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && found.keeps(pair)).collect();
        let rest = format!("postgres://{before}{}{}", if kept.is_empty() { "" } else { "?" }, kept.join("&"));
        let mode = found.mode()?;
        let place = format!("{}/{}", found.host, found.database.as_deref().unwrap_or(database));
        let mask = Mask::new(found.password.iter().map(SecretText::new));
        Ok(Self {
            rest: SecretText::new(rest),
            tls: DatabaseTls { mode, authorities: found.authorities },
            place: clean_line(&mask.apply_known(&place)).into_owned(),
            password: found.password.map(SecretText::new),
        })
    }
}

/// What the query of a URL says beside the rest.
#[derive(Default)]
struct Found {
    host: String,
    database: Option<String>,
    password: Option<String>,
    mode: Option<String>,
    authorities: Option<PathBuf>,
}

impl Found {
    /// Takes note of a pair; false where nobody else shall see it.
    fn keeps(&mut self, pair: &str) -> bool {
        let Some((key, value)) = url::form_urlencoded::parse(pair.as_bytes()).next() else { return true };
        match key.as_ref() {
            "sslmode" => self.mode = Some(value.into_owned()),
            // As `psql` has it: the system's own authorities.
            "sslrootcert" => {
                self.authorities = Some(value.as_ref()).filter(|file| *file != "system").map(PathBuf::from);
            }
            "password" => self.password = some(split(pair, '=').1),
            "host" if self.host.is_empty() => self.host = value.into_owned(),
            "dbname" => self.database = Some(value.into_owned()),
            _ => {}
        }
        !matches!(key.as_ref(), "sslmode" | "sslrootcert")
    }

    fn mode(&self) -> Result<SslMode, DatabaseProblem> {
        let Some(word) = &self.mode else { return Ok(SslMode::default()) };
        let known = SslMode::ALL.iter().find(|(name, _)| name == word).map(|(_, mode)| *mode);
        let mode = known.ok_or_else(|| DatabaseProblem::SslMode(clean_line(word).into_owned()))?;
        Ok(if mode == SslMode::Require && self.authorities.is_some() { SslMode::VerifyCa } else { mode })
    }
}

fn split(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

fn some(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> DatabaseUrl {
        DatabaseUrl::read(&SecretText::new(text)).expect("a URL")
    }

    #[test]
    fn a_url_is_taken_apart() {
        let url = read(
            "postgresql://ops:p%40ss@db-1:5432,db-2/usage?sslmode=verify-full&connect_timeout=3&sslrootcert=/etc/ca%20x.pem",
        );
        assert_eq!(url.rest.expose(), "postgres://ops:p%40ss@db-1:5432,db-2/usage?connect_timeout=3");
        assert_eq!(url.place, "db-1:5432,db-2/usage");
        assert_eq!(url.tls.mode, SslMode::VerifyFull);
        assert_eq!(url.tls.authorities, Some(PathBuf::from("/etc/ca x.pem")));
        assert_eq!(url.password, Some(SecretText::new("p%40ss")));
        let socket = read("postgres:///usage?host=/run/postgresql&sslmode=disable");
        assert_eq!(
            (socket.rest.expose(), socket.place.as_str()),
            ("postgres:///usage?host=/run/postgresql", "/run/postgresql/usage")
        );
        assert_eq!((socket.tls.mode, socket.password), (SslMode::Disable, None));
    }

    #[test]
    fn modes_mean_what_they_mean_for_psql() {
        let mode =
            |query: &str| DatabaseUrl::read(&SecretText::new(format!("postgres://h/d?{query}"))).map(|url| url.tls);
        assert_eq!(mode("").unwrap().mode, SslMode::Prefer);
        assert_eq!(mode("sslmode=require").unwrap().mode, SslMode::Require);
        assert_eq!(mode("sslrootcert=ca.pem&sslmode=require").unwrap().mode, SslMode::VerifyCa);
        assert_eq!(mode("sslrootcert=system&sslmode=verify-full").unwrap().authorities, None);
        assert_eq!(mode("sslmode=yes"), Err(DatabaseProblem::SslMode("yes".to_owned())));
    }

    #[test]
    fn the_file_takes_a_reference_or_a_url_without_a_password() {
        let read = |text: &str| text.parse::<Database>();
        assert_eq!(read("env:TEAM_LOG"), Ok(Database::Reference(SecretRef::Env("TEAM_LOG".to_owned()))));
        assert_eq!(read("postgres://h/d"), Ok(Database::Url("postgres://h/d".to_owned())));
        assert_eq!(read("postgres://u:pw@h/d"), Err(DatabaseProblem::Password));
        assert_eq!(read("postgres://u@h/d?password=pw"), Err(DatabaseProblem::Password));
        assert_eq!(read("mysql://h/d"), Err(DatabaseProblem::NoUrl));
        assert!(matches!(read("env:"), Err(DatabaseProblem::Reference(_))));
    }

    proptest! {
        #[test]
        fn a_password_shows_in_nothing_but_what_is_sent(password in "[a-zA-Z0-9%]{6,20}", host in "[a-z]{1,5}") {
            for text in [format!("postgres://u:{password}@{host}/d"), format!("postgres://u@{host}/d?password={password}")] {
                let url = read(&text);
                let refused = text.parse::<Database>().unwrap_err();
                let told = format!("{url:?} {} {refused} {refused:?}", url.place);
                prop_assert!(!told.contains(&password), "{}", told);
            }
        }
    }
}
