//! What went wrong with the team's database, for the person who has to mend it.

use std::error::Error as _;
use std::io;

use postgres::Error;
use postgres::error::SqlState;

use crate::domain::text::{clean_line, cut};
use crate::domain::{ErrorKind, Failure};
use crate::store::sql::SqlError;

/// What the server's code means, and what to do.
struct Advice {
    code: SqlState,
    kind: ErrorKind,
    hint: &'static str,
}

const OWNER: &str =
    "let its owner grant it: GRANT CREATE, USAGE ON SCHEMA public TO the user, or make the user the database's owner";
const BUSY: &str = "it is tried again; runs wait on this machine until then";

const ADVICE: [Advice; 15] = [
    Advice { code: SqlState::INVALID_PASSWORD, kind: ErrorKind::Auth, hint: "check user and password of the URL" },
    Advice {
        code: SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
        kind: ErrorKind::Auth,
        hint: "check the URL's user, and pg_hba.conf on the server",
    },
    Advice {
        code: SqlState::INVALID_CATALOG_NAME,
        kind: ErrorKind::Config,
        hint: "create it (createdb -O user name), or name another database in the URL",
    },
    Advice { code: SqlState::INSUFFICIENT_PRIVILEGE, kind: ErrorKind::Config, hint: OWNER },
    Advice {
        code: SqlState::INVALID_SCHEMA_NAME,
        kind: ErrorKind::Config,
        hint: "create the schema that search_path names, or grant its use",
    },
    Advice {
        code: SqlState::READ_ONLY_SQL_TRANSACTION,
        kind: ErrorKind::Config,
        hint: "this is a standby; name the primary server in the URL",
    },
    Advice {
        code: SqlState::TOO_MANY_CONNECTIONS,
        kind: ErrorKind::Server,
        hint: "raise max_connections, or put a pooler before it",
    },
    Advice {
        code: SqlState::UNTRANSLATABLE_CHARACTER,
        kind: ErrorKind::Config,
        hint: "names of models and people are of any script; create the database with encoding UTF8",
    },
    Advice { code: SqlState::CANNOT_CONNECT_NOW, kind: ErrorKind::Connect, hint: BUSY },
    Advice { code: SqlState::ADMIN_SHUTDOWN, kind: ErrorKind::Connect, hint: BUSY },
    Advice { code: SqlState::CRASH_SHUTDOWN, kind: ErrorKind::Connect, hint: BUSY },
    Advice {
        code: SqlState::QUERY_CANCELED,
        kind: ErrorKind::Timeout,
        hint: "it is busy or locked; look at pg_stat_activity",
    },
    Advice { code: SqlState::DISK_FULL, kind: ErrorKind::Server, hint: "free some space on the server" },
    Advice {
        code: SqlState::UNDEFINED_TABLE,
        kind: ErrorKind::Config,
        hint: "tables of the log are gone; drop table switchboard_log too, and they are made anew and filled again",
    },
    Advice {
        code: SqlState::UNDEFINED_COLUMN,
        kind: ErrorKind::Config,
        hint: "its tables were changed; restore them, or give switchboard a database of its own",
    },
];

/// What a failed statement means.
pub(super) fn sql(error: &SqlError) -> Failure {
    match error {
        SqlError::Team(error) => failure(error),
        SqlError::File(error) => Failure::new(ErrorKind::Internal, error.to_string(), ""),
    }
}

/// A URL that cannot be used. The library's words name the option, never its value.
pub(super) fn url(error: &Error) -> Failure {
    let hint = "write postgres://user:password@host:5432/database, and percent-encode what is no letter or digit";
    Failure::new(ErrorKind::Config, format!("its URL cannot be used: {}", words(error)), hint)
}

/// What the server, the network or TLS said.
pub(super) fn failure(error: &Error) -> Failure {
    if let Some(told) = error.as_db_error() {
        let advice = ADVICE.iter().find(|advice| advice.code == *told.code());
        let (kind, hint) = advice.map_or((ErrorKind::Server, ""), |advice| (advice.kind, advice.hint));
        return Failure::new(kind, short(told.message()), hint);
    }
    let said = words(error);
    let cause = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
    if said.contains("TLS") || cause.is_some_and(is_tls) {
        let hint = "check sslmode and sslrootcert of the URL; sslmode=disable does without TLS";
        return Failure::new(ErrorKind::Tls, said, hint);
    }
    if said.contains("lookup address") {
        return Failure::new(ErrorKind::Dns, said, "check the URL's host, and this machine's name servers");
    }
    match cause.map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => {
            Failure::new(ErrorKind::Timeout, said, "is the host right, and does a firewall let this machine in?")
        }
        Some(_) => {
            Failure::new(ErrorKind::Connect, said, "is the server running, and are host and port of the URL right?")
        }
        None if is_about_password(error) => Failure::new(ErrorKind::Auth, said, "check user and password of the URL"),
        None => Failure::new(ErrorKind::Connect, said, ""),
    }
}

/// Whether trying again at once may help: engines that find a conflict between writers ask for it.
pub(super) fn is_conflict(error: &SqlError) -> bool {
    let SqlError::Team(error) = error else { return false };
    let conflicts = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    error.code().is_some_and(|code| conflicts.contains(code))
}

/// The library has words, and no kind that it shows.
fn is_about_password(error: &Error) -> bool {
    let own = error.to_string();
    own.contains("invalid configuration") || own.contains("authentication")
}

fn is_tls(cause: &io::Error) -> bool {
    cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// The causes of an error; its own words where there is none, or where they say that TLS failed.
fn words(error: &Error) -> String {
    let own = error.to_string();
    let mut all: Vec<String> = causes(error).map(ToString::to_string).collect();
    if all.is_empty() || own.contains("TLS") {
        all.insert(0, own);
    }
    all.dedup();
    // The system's number of an error says nothing to a person.
    short(all.join(": ").split(" (os error").next().unwrap_or_default())
}

fn short(text: &str) -> String {
    cut(&clean_line(text), 300).into_owned()
}
