//! A team's log in a real PostgreSQL: the same figures as the file's, and every run there once, whatever stops when.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rustls::ClientConfig;
use tempfile::TempDir;

use super::super::{EventLog, Link, Reader, Retention, Team};
use super::cluster::{Cluster, Stop};
use super::sums::{any_run, any_start, question, zones};
use super::{failed, place, run, span, sqlite};
use crate::domain::calendar::{self, Bucket};
use crate::domain::{
    DashboardQuestion, DatabaseTls, Dimension, ErrorKind, EventQuestion, Failure, PageFrom, RunFilter, RunRecord,
    SecretText, UsageQuestion,
};

/// A test that waits longer has failed.
const DEADLINE: Duration = Duration::from_mins(1);

#[derive(Debug)]
struct Plain(String);

impl Link for Plain {
    fn name(&self) -> String {
        "env:TEAM".to_owned()
    }

    fn url(&self) -> Result<SecretText, Failure> {
        Ok(SecretText::new(&self.0))
    }

    fn tls(&self, _: &DatabaseTls) -> Result<ClientConfig, Failure> {
        Err(Failure::new(ErrorKind::Tls, "no TLS here", ""))
    }
}

pub(super) fn link(url: &str) -> Team {
    Arc::new(Plain(url.to_owned()))
}

/// The server that the tests of this process share.
pub(super) fn shared() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start).as_ref()
}

/// An engine to try a test on: the file alone, or a team's log behind it.
pub(super) struct Engine {
    _directory: TempDir,
    pub(super) path: PathBuf,
    team: Option<Team>,
}

/// Both engines, or the file alone where there is no PostgreSQL.
pub(super) fn engines() -> Vec<Engine> {
    let engine = |team| {
        let (directory, path) = place();
        Engine { _directory: directory, path, team }
    };
    let team = shared().map(|cluster| link(&cluster.url(&cluster.database())));
    std::iter::once(engine(None)).chain(team.map(|team| engine(Some(team)))).collect()
}

impl Engine {
    pub(super) fn open(&self) -> EventLog {
        EventLog::open_with(&self.path, Retention::default(), self.team.clone()).unwrap()
    }

    pub(super) fn reader(&self) -> Reader {
        Reader::open_with(&self.path, self.team.clone()).unwrap()
    }

    /// Everything recorded is where the reader asks.
    pub(super) fn arrive(&self, log: &EventLog) {
        log.flush().unwrap();
        if self.team.is_some() {
            nothing_waits(&self.path);
        }
    }
}

fn waiting(path: &Path) -> i64 {
    let connection = sqlite(&path.to_owned());
    connection.busy_timeout(DEADLINE).unwrap();
    // The writer prepares the outbox after the file is open.
    let prepared: i64 = connection.query_row("SELECT count(*) FROM team", [], |row| row.get(0)).unwrap();
    let count: i64 = connection.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap();
    count + 1 - prepared
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        std::thread::yield_now();
    }
}

pub(super) fn nothing_waits(path: &Path) {
    until("everything is sent", || waiting(path) == 0);
}

pub(super) fn record(path: &Path, team: &Team, runs: impl IntoIterator<Item = RunRecord>) -> EventLog {
    let log = EventLog::open_with(path, Retention::default(), Some(team.clone())).unwrap();
    for run in runs {
        log.record(run).unwrap();
    }
    log.flush().unwrap();
    log
}

/// Every sum over the team's runs agrees with a plain sum over its rows, of which there are so many.
fn whole(cluster: &Cluster, database: &str, runs: u64) {
    let tokens = runs * 12;
    let plain = cluster.sql(database, "SELECT count(*), count(DISTINCT id), sum(total) FROM run");
    assert_eq!(plain, format!("{runs}|{runs}|{tokens}"));
    for table in ["usage_quarter", "usage_day", "usage_week"] {
        assert_eq!(
            cluster.sql(database, &format!("SELECT sum(runs), sum(total) FROM {table}")),
            format!("{runs}|{tokens}")
        );
    }
    for seconds in [900, 21_600, 86_400] {
        let sums = format!("SELECT sum(runs), sum(total) FROM series WHERE connector = '' AND seconds = {seconds}");
        assert_eq!(cluster.sql(database, &sums), format!("{runs}|{tokens}"), "{seconds}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn both_engines_give_the_same_for_every_question(
        runs in prop::collection::vec(any_run(), 0..60),
        ends in prop::collection::vec((any_start(), any_start()), 3),
        by in prop::sample::subsequence(Dimension::ALL.to_vec(), 0..=8),
        zone in prop::sample::select(zones()),
        bucket in prop::sample::select(&Bucket::ALL[..]),
        wish in prop::sample::select(&["a", "PQ", "_", "%", "rate", ""][..]),
    ) {
        let Some(cluster) = shared() else { return Ok(()) };
        let team = link(&cluster.url(&cluster.database()));
        let (_directory, path) = place();
        let log = record(&path, &team, runs);
        nothing_waits(&path);
        let (file, there) = (Reader::open(&path).unwrap(), Reader::open_with(&path, Some(team)).unwrap());
        let zone = calendar::zone(zone).unwrap();
        for (one, other) in ends {
            let asked = span(one.min(other), one.max(other).min(one.min(other) + 86_400_000 * 40));
            let buckets = bucket.starts(asked, &zone).unwrap();
            let split = UsageQuestion { buckets: buckets.clone(), ..question(asked, by.clone()) };
            prop_assert_eq!(file.usage(&split).unwrap(), there.usage(&split).unwrap());
            let whole = question(asked, by.clone());
            prop_assert_eq!(file.usage(&whole).unwrap(), there.usage(&whole).unwrap());
            for connector in [None, Some("x".to_owned())] {
                let dashboard = DashboardQuestion { connector, span: asked, buckets: buckets.clone(), now_ms: one };
                let (mut here, mut other) = (file.dashboard(&dashboard).unwrap(), there.dashboard(&dashboard).unwrap());
                // Which of two equal rows comes first is nobody's promise.
                for rows in here.tables.values_mut().chain(other.tables.values_mut()) {
                    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
                }
                prop_assert_eq!(here, other);
            }
            for (from, text) in [(PageFrom::Newest, None), (PageFrom::Oldest, Some(wish.to_owned()))] {
                let filter = RunFilter { text, ..RunFilter::default() };
                let page = EventQuestion { span: asked, filter, from, limit: 7 };
                prop_assert_eq!(file.events(&page).unwrap(), there.events(&page).unwrap());
            }
        }
        prop_assert_eq!(file.earliest(), there.earliest());
        prop_assert_eq!(there.notice(), None);
        log.close().unwrap();
        prop_assert_eq!(waiting(&path), 0);
    }
}

#[test]
fn what_was_recorded_before_there_was_a_team_goes_to_its_log_and_to_a_new_one_as_well() {
    let Some(cluster) = shared() else { return };
    let (_directory, path) = place();
    let alone = EventLog::open(&path).unwrap();
    (0..700).for_each(|id| alone.record(run(id, 1000)).unwrap());
    alone.close().unwrap();
    let names = [cluster.database(), cluster.database()];
    for (at, name) in (1..).zip(&names) {
        let log = record(&path, &link(&cluster.url(name)), [run(1000 + at, 2000)]);
        nothing_waits(&path);
        until("the new run is there", || cluster.sql(name, "SELECT count(*) FROM event") == (700 + at).to_string());
        log.close().unwrap();
    }
    whole(cluster, &names[1], 702);
}

#[test]
fn machines_that_make_the_tables_at_once_make_them_once() {
    let Some(cluster) = shared() else { return };
    let without_locks = cluster.database();
    cluster.sql(&without_locks, "ALTER FUNCTION pg_catalog.pg_advisory_xact_lock(bigint) RENAME TO gone");
    for name in [cluster.database(), without_locks] {
        let team = link(&cluster.url(&name));
        let machines: Vec<_> = (0..6).map(|_| place()).collect();
        std::thread::scope(|scope| {
            for (at, (_directory, path)) in (0_u128..).zip(&machines) {
                let team = &team;
                scope.spawn(move || {
                    let start = |id| i64::try_from(id).unwrap() * 500_000;
                    let log = record(path, team, (0..200).map(|id| run(at * 1000 + id, start(id))));
                    nothing_waits(path);
                    log.close().unwrap();
                });
            }
        });
        whole(cluster, &name, 1200);
    }
}

#[test]
fn a_log_of_a_newer_version_is_left_alone_and_so_are_tables_of_others() {
    let Some(cluster) = shared() else { return };
    let (newer, foreign) = (cluster.database(), cluster.database());
    let (_directory, path) = place();
    record(&path, &link(&cluster.url(&newer)), [run(1, 0)]).close().unwrap();
    nothing_waits(&path);
    cluster.sql(&newer, "UPDATE switchboard_log SET version = 99");
    cluster.sql(&foreign, "CREATE TABLE event (theirs TEXT)");
    for (name, says) in [(&newer, "a newer switchboard made it"), (&foreign, "another program's tables")] {
        let log = record(&path, &link(&cluster.url(name)), [run(2, 0)]);
        until("it is told", || log.behind().is_some_and(|told| told.contains(says)));
        assert!(log.behind().unwrap().starts_with("1 run waits here: the team's event log 127.0.0.1:"));
        let reader = Reader::open_with(&path, Some(link(&cluster.url(name)))).unwrap();
        assert_eq!(reader.total(span(0, 1)).unwrap().runs.all, 2, "the file answers");
        assert!(reader.notice().is_some_and(|notice| notice.contains(says)), "{:?}", reader.notice());
    }
    assert_eq!(cluster.sql(&foreign, "SELECT count(*) FROM event"), "0");
}

#[test]
fn what_is_not_sent_yet_is_never_dropped() {
    let (_directory, path) = place();
    let nowhere = link("postgres://ops@127.0.0.1:1/nowhere?sslmode=disable");
    let day = 86_400_000;
    record(&path, &nowhere, (0..10).map(|at| run(at, i64::try_from(at).unwrap() * day))).close().unwrap();
    let keep = Retention { keep: Some(Duration::from_hours(72)), max_bytes: Some(1), now_ms: 10 * day };
    let open = |team| EventLog::open_with(&path, keep, team).unwrap();
    let log = open(Some(nowhere));
    log.flush().unwrap();
    let clone = log.clone();
    log.close().unwrap();
    assert!(clone.behind().unwrap().starts_with("10 runs wait here: "), "{:?}", clone.behind());
    assert_eq!(super::rows(&path), 10);
    open(None).close().unwrap();
    assert_eq!(super::rows(&path), 1, "without a team nothing is owed to it");
}

#[test]
fn a_server_that_says_nothing_holds_nobody_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let (_directory, path) = place();
    let team = link(&format!("postgres://ops@127.0.0.1:{port}/usage?sslmode=disable"));
    let log = record(&path, &team, [run(1, 0)]);
    let clone = log.clone();
    let begun = Instant::now();
    log.close().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(clone.behind().as_deref(), Some("1 run waits here for the team's event log"));
    let reader = Reader::open_with(&path, Some(team)).unwrap();
    assert_eq!(reader.total(span(0, 1)).unwrap().runs.all, 1, "the file answers");
    assert!(reader.notice().is_some_and(|notice| notice.contains("does not answer within 12s")));
    let begun = Instant::now();
    assert_eq!(reader.total(span(0, 1)).unwrap().runs.all, 1);
    assert!(begun.elapsed() < Duration::from_secs(5), "one that was silent is not asked again at once");
    drop(silent);
}

#[test]
fn a_conflict_with_other_writers_is_tried_again_at_once() {
    let Some(cluster) = shared() else { return };
    let name = cluster.database();
    let team = link(&cluster.url(&name));
    let (_directory, path) = place();
    record(&path, &team, [run(1, 0)]).close().unwrap();
    nothing_waits(&path);
    // Numbers of a sequence are not given back by a transaction that is undone.
    let conflicts = "CREATE SEQUENCE tries; GRANT USAGE ON SEQUENCE tries TO ops;
        CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('tries') <= 3 THEN RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END IF;
            RETURN NEW; END $$;
        CREATE TRIGGER conflict BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION conflict()";
    cluster.sql(&name, conflicts);
    let log = record(&path, &team, [run(2, 0)]);
    until("it is sent", || {
        assert_eq!(log.behind(), None);
        waiting(&path) == 0
    });
    whole(cluster, &name, 2);
    assert_eq!(cluster.sql(&name, "SELECT last_value FROM tries"), "4");
}

#[test]
fn what_was_sent_but_not_crossed_off_is_sent_again_and_adds_nothing() {
    let Some(cluster) = shared() else { return };
    let name = cluster.database();
    let team = link(&cluster.url(&name));
    let (_directory, path) = place();
    record(&path, &team, (0..600).map(|id| run(id, 0))).close().unwrap();
    nothing_waits(&path);
    // As a process leaves it that is killed between the two commits.
    sqlite(&path).execute_batch("INSERT INTO outbox SELECT started_ms, id FROM event").unwrap();
    record(&path, &team, [run(600, 0)]).close().unwrap();
    nothing_waits(&path);
    whole(cluster, &name, 601);
}

const PATH: &str = "SWITCHBOARD_TEAM_TEST_PATH";
const URL: &str = "SWITCHBOARD_TEAM_TEST_URL";
const NUMBER: &str = "SWITCHBOARD_TEAM_TEST_NUMBER";
const RUNS: u32 = 1500;

fn child(path: &Path, url: &str, number: u32) -> Child {
    let name = format!("{}::child_that_records_and_sends", module_path!().split_once("::").unwrap().1);
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(PATH, path)
        .env(URL, url)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn child_that_records_and_sends() {
    let Some(path) = std::env::var_os(PATH).map(PathBuf::from) else { return };
    let number: u128 = std::env::var(NUMBER).unwrap().parse().unwrap();
    let log = EventLog::open_with(&path, Retention::default(), Some(link(&std::env::var(URL).unwrap()))).unwrap();
    for at in 0..RUNS {
        log.record(run(number << 64 | u128::from(at), i64::from(at) * 7000)).unwrap();
        if at % 5 == 0 {
            log.flush().unwrap();
        }
    }
    log.flush().unwrap();
    nothing_waits(&path);
    log.close().unwrap();
}

fn count(cluster: &Cluster, database: &str) -> u64 {
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'event'";
    if cluster.sql(database, tables) == "0" {
        return 0;
    }
    cluster.sql(database, "SELECT count(*) FROM event").parse().unwrap()
}

#[test]
fn a_server_that_stops_in_the_middle_of_a_load_gets_every_run_once() {
    let Some(cluster) = Cluster::start() else { return };
    let name = cluster.database();
    let url = cluster.url(&name);
    let machines = [place(), place()];
    let mut children = Vec::new();
    for (at, (_directory, path)) in (0..).zip(&machines) {
        children.extend([child(path, &url, at * 2), child(path, &url, at * 2 + 1)]);
    }
    let all = u64::from(RUNS) * 4;
    for how in [Stop::Crash, Stop::Fast] {
        let before = count(&cluster, &name);
        let more = |count| count > before || count == all;
        until("more arrives", || more(count(&cluster, &name)));
        cluster.stop(how);
        cluster.go_on();
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    whole(&cluster, &name, all);
}

#[test]
fn a_sender_that_is_killed_costs_no_run_and_doubles_none() {
    let Some(cluster) = shared() else { return };
    let name = cluster.database();
    let url = cluster.url(&name);
    let (_directory, path) = place();
    for number in 0..4 {
        let before = count(cluster, &name);
        let mut child = child(&path, &url, number);
        until("more arrives", || count(cluster, &name) > before);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let log = EventLog::open_with(&path, Retention::default(), Some(link(&url))).unwrap();
    nothing_waits(&path);
    log.close().unwrap();
    let recorded = u64::try_from(super::rows(&path)).unwrap();
    assert!(recorded > 0);
    whole(cluster, &name, recorded);
}

#[test]
fn a_reader_goes_to_the_file_and_back_with_the_server() {
    let Some(cluster) = Cluster::start() else { return };
    let name = cluster.database();
    let team = link(&cluster.url(&name));
    let (_one, path) = place();
    let (_other, elsewhere) = place();
    record(&elsewhere, &team, [run(1, 0), failed(2, 0)]).close().unwrap();
    record(&path, &team, [run(3, 0)]).close().unwrap();
    let runs = |reader: &Reader| reader.total(span(0, 1)).unwrap().runs.all;
    let reader = Reader::open_with(&path, Some(team.clone())).unwrap();
    assert_eq!((reader.changed(), reader.changed()), (Ok(true), Ok(false)));
    assert_eq!((runs(&reader), reader.notice()), (3, None));
    cluster.stop(Stop::Fast);
    assert_eq!(reader.changed(), Ok(true), "others' figures");
    assert_eq!(runs(&reader), 1);
    assert!(reader.notice().unwrap().starts_with("this machine's runs alone: the team's event log 127.0.0.1:"));
    cluster.go_on();
    assert_eq!(runs(&Reader::open_with(&path, Some(team)).unwrap()), 3);
    until("it is asked again", || runs(&reader) == 3);
    assert_eq!((reader.notice(), reader.changed()), (None, Ok(true)));
}

/// Way of a link whose TLS is that of the product.
#[derive(Debug)]
struct Proved(String);

impl Link for Proved {
    fn name(&self) -> String {
        "env:TEAM".to_owned()
    }

    fn url(&self) -> Result<SecretText, Failure> {
        Ok(SecretText::new(&self.0))
    }

    fn tls(&self, tls: &DatabaseTls) -> Result<ClientConfig, Failure> {
        crate::net::database_tls(tls, &crate::domain::policy::Trust::default())
    }
}

#[test]
fn tls_proves_what_the_url_asks_for() {
    let Some(cluster) = shared() else { return };
    let name = cluster.database();
    let (directory, path) = place();
    record(&path, &link(&cluster.url(&name)), [run(1, 0)]).close().unwrap();
    nothing_waits(&path);
    let ours = cluster.authority().display().to_string();
    let other = directory.path().join("other.pem");
    let stranger = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&other, stranger.cert.pem()).unwrap();
    let other = other.display().to_string();
    let answers = |host: &str, query: &str| {
        let port = cluster.port();
        let url = format!("postgres://ops:{}@{host}:{port}/{name}?{query}", super::cluster::PASSWORD);
        let reader = Reader::open_with(&path, Some(Arc::new(Proved(url)))).unwrap();
        reader.total(span(0, 1)).unwrap();
        reader.notice()
    };
    for query in ["", "sslmode=require", &format!("sslmode=verify-ca&sslrootcert={ours}")] {
        assert_eq!(answers("127.0.0.1", query), None, "{query}");
    }
    assert_eq!(answers("localhost", &format!("sslmode=verify-full&sslrootcert={ours}")), None);
    let refused = [
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ours}"), "certificate"),
        ("localhost", format!("sslmode=verify-full&sslrootcert={other}"), "certificate"),
        ("localhost", format!("sslmode=require&sslrootcert={other}"), "certificate"),
        ("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem".to_owned(), "sslrootcert /nowhere.pem"),
    ];
    for (host, query, says) in refused {
        let told = answers(host, &query).unwrap_or_default();
        assert!(told.contains(says), "{query}: {told}");
    }
}
