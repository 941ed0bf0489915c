//! A team's event log from the command line, on a real PostgreSQL: figures of all machines, what is said while it is
//! away, what is wrong with it, and no password anywhere.

use crate::cluster::{Cluster, PASSWORD, Stop};
use crate::support::{Home, Ran, Sandbox};

/// A machine of the team.
fn machine(sandbox: &Sandbox, url: &str) -> Home {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key").set("TEAM", url);
    home.write(&(sandbox.connector("lab", "sandbox-model") + "[events]\ndatabase = \"env:TEAM\"\n"));
    home
}

fn runs(home: &Home) -> (u64, String) {
    let ran = home.run(&["usage", "--json"]).ok();
    (ran.json()["total"]["runs"].as_u64().expect("a count"), ran.err)
}

#[test]
fn machines_share_their_figures_and_what_waits_is_sent_when_the_server_is_back() {
    let Some(cluster) = Cluster::start() else { return };
    let name = cluster.database();
    let own = Home::new();
    let sandbox = Sandbox::start(&own, &[]);
    let [one, other] = [machine(&sandbox, &cluster.url(&name)), machine(&sandbox, &cluster.url(&name))];
    for home in [&one, &other, &one] {
        let ran = home.run(&["test", "lab"]).ok();
        assert!(!ran.err.contains("wait"), "{}", ran.err);
    }
    assert_eq!((runs(&one), runs(&other)), ((3, String::new()), (3, String::new())));
    let listed = other.run(&["events", "--jsonl"]).ok().out;
    assert_eq!(listed, one.run(&["events", "--jsonl"]).ok().out);
    assert_eq!(listed.lines().count(), 3);

    cluster.stop(Stop::Fast);
    let ran = other.run(&["test", "lab"]).ok();
    let waits = format!("1 run waits here: the team's event log 127.0.0.1:{}/{name}: ", cluster.port());
    assert!(ran.err.contains(&waits) && ran.err.contains("is the server running"), "{}", ran.err);
    let (alone, said) = runs(&other);
    assert_eq!(alone, 2, "its own runs");
    assert!(said.contains("this machine's runs alone: the team's event log"), "{said}");

    cluster.go_on();
    assert_eq!(runs(&one).0, 3);
    other.run(&["test", "lab"]).ok();
    assert_eq!((runs(&one).0, runs(&other).0), (5, 5));
    let plain = cluster.sql(&name, "SELECT count(*), sum(total) FROM run");
    let total = one.run(&["usage", "--json"]).ok().json()["total"]["total_tokens"].clone();
    assert_eq!(plain, format!("5|{total}"));
}

#[test]
fn a_budget_counts_what_the_whole_team_used() {
    let Some(cluster) = Cluster::start() else { return };
    let url = cluster.url(&cluster.database());
    let own = Home::new();
    let sandbox = Sandbox::start(&own, &[]);
    let [one, other] = [machine(&sandbox, &url), machine(&sandbox, &url)];
    one.run(&["test", "lab"]).ok();
    let budget = "[budgets.all]\nper = \"day\"\ntokens = 1\naction = \"block\"\n";
    other.write(&(other.text() + budget));
    assert_eq!(other.run(&["test", "lab"]).code, Some(7));
}

/// Runs a test against a database that cannot be used, and gives back what it said of it.
fn told(sandbox: &Sandbox, url: &str) -> Ran {
    let ran = machine(sandbox, url).run(&["test", "lab"]).ok();
    assert!(ran.err.contains("1 run waits here"), "{}", ran.err);
    ran
}

#[test]
fn each_thing_that_can_be_wrong_says_what_to_do_and_shows_no_password() {
    let Some(cluster) = Cluster::start() else { return };
    let name = cluster.database();
    let own = Home::new();
    let sandbox = Sandbox::start(&own, &[]);
    cluster.sql("postgres", &format!("CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'"));
    let (good, port) = (cluster.url(&name), cluster.port());
    let authority = cluster.authority().display().to_string();
    let cases = [
        (good.replace(PASSWORD, "canary-wrong-77"), "password authentication failed", "check user and password"),
        (good.replace("127.0.0.1", "nowhere.invalid"), "lookup address", "check the URL's host"),
        (good.replace(&name, "missing"), "does not exist", "createdb"),
        (good.replace("ops:", "guest:"), "permission denied", "GRANT CREATE"),
        (good.replace(&port.to_string(), "1"), "refused", "is the server running"),
        (
            good.replace("sslmode=disable", &format!("sslmode=verify-full&sslrootcert={authority}")),
            "certificate",
            "check sslmode and sslrootcert",
        ),
        (good.replace("sslmode=disable", "sslmode=sure"), "sslmode=sure is not known", "postgres://"),
        (good.replace("sslmode", "sslmod"), "sslmod", "percent-encode"),
        (format!("mysql://ops:{PASSWORD}@h/d"), "no URL of a PostgreSQL database", "postgres://"),
    ];
    for (url, says, hint) in cases {
        let Ran { out, err, .. } = told(&sandbox, &url);
        assert!(err.contains(says) && err.contains(hint), "{url}: {err}");
        assert!(!(out + &err).contains("canary-"), "{url}: {err}");
    }
    cluster.stop(Stop::Crash);
    assert!(told(&sandbox, &good).err.contains("is the server running"));
    let unset = machine(&sandbox, "");
    unset.write(&unset.text().replace("env:TEAM", "env:NO_SUCH"));
    let ran = unset.run(&["test", "lab"]).ok();
    assert!(ran.err.contains("the team's event log env:NO_SUCH") && ran.err.contains("export NO_SUCH"), "{}", ran.err);
}

#[test]
fn a_password_in_the_file_is_refused_without_repeating_it() {
    let home = Home::with(&format!("[events]\ndatabase = \"postgres://ops:{PASSWORD}@db/usage\"\n"));
    for args in [&["config", "check"][..], &["list"], &["usage"]] {
        let ran = home.run(args);
        let said = ran.out + &ran.err;
        assert!(said.contains("events.database") && said.contains("env:NAME or file:PATH"), "{args:?} {said}");
        assert!(!said.contains(PASSWORD), "{args:?}");
    }
}
