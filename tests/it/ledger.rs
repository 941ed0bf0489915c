//! What the event log tells on the command line: usage, events, exports.

use serde_json::Value;

use crate::support::{Home, Ran, Sandbox};

/// Three runs that went well, one estimated among them, and one whose key was refused.
fn ran(home: &Home, sandbox: &Sandbox) {
    let wrong = sandbox.connector("locked", "sandbox-model").replace("SANDBOX_KEY", "WRONG_KEY");
    home.write(&(sandbox.connector("told", "sandbox-model") + &sandbox.connector("guessed", "no-usage") + &wrong));
    for id in ["told", "told", "guessed"] {
        home.run(&["test", id]).ok();
    }
    assert_eq!(home.run(&["test", "locked"]).code, Some(4));
}

fn home() -> Home {
    Home::new().set("SANDBOX_KEY", "sandbox-key").set("WRONG_KEY", "nobody-knows-me").set("TZ", "Europe/Berlin")
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.out.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

#[test]
fn usage_is_split_as_asked_and_the_groups_add_up() {
    let home = home();
    ran(&home, &Sandbox::start(&home, &[]));
    let total = home.run(&["usage", "--json"]).ok().json()["total"].clone();
    assert_eq!((&total["runs"], &total["failed"], &total["estimated_runs"]), (&4.into(), &1.into(), &1.into()));
    for by in ["connector", "model,day", "user,machine,outcome", "error_kind,hour", "provider,source,month", "week"] {
        for range in [&["--range", "7d"][..], &["--since", "2026-01-01", "--zone", "UTC"], &["--range", "all"]] {
            let ran = home.run(&[&["usage", "--json", "--by", by], range].concat()).ok().json();
            for figure in
                ["runs", "prompt_tokens", "completion_tokens", "total_tokens", "estimated_runs", "unpriced_runs"]
            {
                let groups = ran["groups"].as_array().expect("groups");
                let sum: u64 = groups.iter().map(|group| group[figure].as_u64().expect("a count")).sum();
                assert_eq!(Some(sum), total[figure].as_u64(), "{by} {range:?} {figure}");
                assert_eq!(ran["total"][figure], total[figure], "{by} {range:?} {figure}");
            }
            let keys: Vec<String> = ran["groups"][0]["key"].as_object().expect("a key").keys().cloned().collect();
            assert_eq!(keys.join(","), by);
        }
    }
}

#[test]
fn usage_is_a_table_csv_or_markdown_and_marks_what_is_estimated_or_unknown() {
    let home = home();
    ran(&home, &Sandbox::start(&home, &[]));
    let table = home.run(&["usage", "--by", "connector,model"]).ok().out;
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(row("guessed").contains('~') && row("guessed").ends_with("unknown"), "{table}");
    assert!(!row("told").contains('~') && row("today").contains('~'), "{table}");
    assert!(!table.contains('$'), "nothing has a price: {table}");
    let csv = home.run(&["usage", "--csv"]).ok().out;
    assert!(csv.starts_with("connector,runs,failed,cancelled,prompt_tokens"), "{csv}");
    let told = csv.lines().find(|line| line.starts_with("told,2,0,0,")).expect("a row");
    assert!(told.ends_with(",0,,2"), "an unknown cost is empty: {told}");
    let markdown = home.run(&["usage", "--markdown"]).ok().out;
    assert!(markdown.lines().nth(1).is_some_and(|line| line.starts_with("| --- | ---: |")), "{markdown}");
}

#[test]
fn events_come_page_by_page_and_each_is_there_once() {
    let home = home();
    ran(&home, &Sandbox::start(&home, &[]));
    let all = lines(&home.run(&["events", "--jsonl", "--limit", "0"]).ok());
    assert_eq!(all.len(), 4);
    let newest = &all[0];
    assert_eq!(
        (&newest["connector"], &newest["error_kind"], &newest["http_status"]),
        (&"locked".into(), &"auth".into(), &401.into())
    );
    assert_eq!((&newest["usage"]["total_tokens"], &newest["cost_usd"]), (&Value::Null, &Value::Null));
    assert_eq!(all[1]["usage"]["source"], "estimated");
    let mut paged = Vec::new();
    let mut key: Option<String> = None;
    loop {
        let mut args = vec!["events", "--json", "--limit", "3"];
        args.extend(key.as_deref().map(|key| ["--before", key]).into_iter().flatten());
        let page = home.run(&args).ok().json();
        paged.extend(page["runs"].as_array().expect("runs").clone());
        key = page["next"].as_str().map(str::to_owned);
        if key.is_none() {
            break;
        }
    }
    assert_eq!(paged, all);
    let text = home.run(&["events", "--limit", "1"]).ok();
    assert!(text.out.contains("locked") && text.out.contains("auth"), "{}", text.out);
    assert!(text.err.contains("--before "), "{}", text.err);
}

#[test]
fn events_are_filtered_by_what_they_are() {
    let home = home();
    ran(&home, &Sandbox::start(&home, &[]));
    let count = |args: &[&str]| lines(&home.run(&[&["events", "--jsonl"], args].concat()).ok()).len();
    assert_eq!(count(&["--connector", "told"]), 2);
    assert_eq!(count(&["--connector", "nobody"]), 0);
    assert_eq!(count(&["--outcome", "error", "--error-kind", "auth"]), 1);
    assert_eq!(count(&["--outcome", "cancelled"]), 0);
    assert_eq!(count(&["--text", "GUESS"]), 1);
    assert_eq!(count(&["--text", "%"]), 0, "nothing is a wild card");
    assert_eq!(count(&["--slower-than", "1h"]), 0);
    assert_eq!(count(&["--since", "1h", "--until", "2999-01-01"]), 4);
    assert_eq!(count(&["--until", "2001-01-01"]), 0);
}

#[test]
fn exports_have_the_names_that_others_read() {
    let home = home();
    ran(&home, &Sandbox::start(&home, &[]));
    let bulk = lines(&home.run(&["export", "events", "--format", "kibana"]).ok());
    assert_eq!(bulk.len(), 8);
    let (action, first, last) = (&bulk[0], &bulk[1], &bulk[7]);
    let execution = &first["kibana"]["action"]["execution"];
    assert_eq!(action["create"]["_id"], execution["uuid"]);
    assert_eq!(first["kibana"]["saved_objects"][0]["type_id"], ".gen-ai");
    assert_eq!(first["event"]["outcome"], "success");
    let usage = &execution["gen_ai"]["usage"];
    assert_eq!(
        usage["total_tokens"].as_u64(),
        Some(usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap())
    );
    let tags: Vec<&Value> = bulk.iter().skip(1).step_by(2).map(|document| &document["tags"]).collect();
    assert_eq!(tags.iter().filter(|tags| tags.is_array()).count(), 1, "the estimated run alone is marked: {tags:?}");
    assert_eq!(last["event"]["outcome"], "failure");
    assert_eq!(last["error"]["message"], "auth");
    assert!(last["kibana"]["action"]["execution"]["gen_ai"].is_null(), "unknown tokens are left out: {last}");

    let csv = home.run(&["export", "events", "--format", "csv"]).ok().out;
    let head: Vec<&str> = csv.lines().next().expect("a head").split(',').collect();
    assert!(head.contains(&"usage.prompt_tokens") && head.contains(&"timing.first_token_ms"), "{head:?}");
    assert_eq!(csv.lines().count(), 5);

    let path = home.path().join("out.ndjson");
    let told = path.display().to_string();
    home.run(&["export", "events", "--format", "ndjson", "--output", &told]).ok();
    let exported = std::fs::read_to_string(&path).expect("the file is there");
    let mut events = home.run(&["events", "--jsonl"]).ok().out.lines().map(str::to_owned).collect::<Vec<_>>();
    events.reverse();
    assert_eq!(exported.lines().collect::<Vec<_>>(), events);

    let metrics = home.run(&["export", "metrics"]).ok().out;
    let sample = "switchboard_runs_total{connector=\"told\",model=\"sandbox-model\",outcome=\"ok\"} 2";
    assert!(metrics.lines().any(|line| line == sample), "{metrics}");
    assert!(!metrics.contains("cost_usd_total{"), "an unknown cost is no counter: {metrics}");
}

#[test]
fn wrong_words_say_what_would_be_right() {
    let home = Home::new();
    let cases: [(&[&str], &str); 10] = [
        (&["usage", "--by", "conector"], "did you mean connector?"),
        (&["usage", "--by", "day,week"], "one of hour, day, week, month"),
        (&["usage", "--by", "model,model"], "name each once"),
        (&["usage", "--range", "yesterday"], "is no range"),
        (&["usage", "--zone", "Mars/Olympus"], "is no time zone"),
        (&["usage", "--since", "soon"], "is no time"),
        (&["usage", "--since", "1970-01-01", "--by", "hour"], "use larger ones"),
        (&["events", "--before", "rubbish"], "is no key"),
        (&["events", "--outcome", "eror"], "did you mean error?"),
        (&["export", "events", "--format", "csv", "--output", "/nowhere/x"], "directory that you may write to"),
    ];
    for (args, says) in cases {
        let ran = home.run(args);
        assert_eq!((ran.code, ran.err.contains(says)), (Some(2), true), "{args:?}: {}", ran.err);
    }
}

#[test]
fn follow_tells_a_run_that_began_before_others_and_ended_after_them() {
    use std::io::{BufRead, BufReader};
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&(sandbox.connector("quick", "sandbox-model") + &sandbox.connector("stuck", "stall")));
    home.run(&["test", "quick"]).ok();
    let mut following = home
        .command(&["events", "--follow", "--jsonl"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(following.stdout.take().expect("a pipe")).lines();
    let mut told = || {
        let line = lines.next().expect("it goes on").expect("a line");
        let run: Value = serde_json::from_str(&line).expect("JSON");
        run["connector"].as_str().expect("a connector").to_owned()
    };
    let mut stuck =
        home.command(&["test", "stuck", "--jsonl"]).stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    let mut began = BufReader::new(stuck.stdout.take().expect("a pipe")).lines();
    began
        .find(|line| line.as_ref().is_ok_and(|line| line.contains("\"delta\"")))
        .expect("text arrives")
        .expect("a line");
    home.run(&["test", "quick"]).ok();
    assert_eq!(told(), "quick");
    std::process::Command::new("kill").args(["-INT", &stuck.id().to_string()]).status().expect("kill runs");
    assert_eq!(told(), "stuck");
    stuck.wait().expect("it ends");
    following.kill().expect("it runs");
    following.wait().expect("it ends");
}

/// Rows of figures by their key, from each way to print them.
type Printed = std::collections::BTreeMap<String, [u64; 4]>;

const FIGURES: [&str; 4] = ["runs", "prompt_tokens", "completion_tokens", "total_tokens"];

fn from_cells(head: &[String], rows: &[Vec<String>], keys: usize) -> Printed {
    let at = |name: &str| head.iter().position(|column| column == name).unwrap_or_else(|| panic!("{name} in {head:?}"));
    let figure = |row: &Vec<String>, name: &str| row[at(name)].trim_start_matches('~').parse().expect("a count");
    let printed = |row: &Vec<String>| (row[..keys].join("|"), FIGURES.map(|name| figure(row, name)));
    rows.iter().map(printed).collect()
}

fn csv_cells(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    (head, reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect())
}

#[test]
fn every_form_of_usage_tells_what_plain_sql_sums() {
    let home = home();
    ran(&home, &Sandbox::start(&home, &[]));
    let log = rusqlite::Connection::open(home.path().join("state/events.db")).expect("the log");
    let plain = |expression: &str| -> Printed {
        let sql = format!(
            "SELECT {expression}, count(*), coalesce(sum(prompt), 0), coalesce(sum(completion), 0), coalesce(sum(total), 0)
            FROM run GROUP BY 1"
        );
        let mut statement = log.prepare(&sql).expect("SQL");
        let row = |row: &rusqlite::Row<'_>| {
            let figure = |at| row.get::<_, i64>(at).map(|n| u64::try_from(n).expect("not negative"));
            Ok((row.get::<_, String>(0)?, [figure(1)?, figure(2)?, figure(3)?, figure(4)?]))
        };
        statement.query_map([], row).expect("rows").map(|row| row.expect("a row")).collect()
    };
    for (by, keys, expression) in
        [("connector", 1, "connector"), ("model,outcome", 2, "model || '|' || outcome"), ("user", 1, "user")]
    {
        let asked = ["usage", "--range", "all", "--zone", "Asia/Kathmandu", "--by", by];
        let with = |form: &str| home.run(&[&asked[..], &[form]].concat()).ok();
        let truth = plain(expression);
        let (head, rows) = csv_cells(&with("--csv").out);
        assert_eq!(from_cells(&head, &rows, keys), truth, "{by} as CSV");
        let json = with("--json").json();
        let groups = json["groups"].as_array().expect("groups").iter().map(|group| {
            let key = by.split(',').map(|name| group["key"][name].as_str().unwrap_or_default()).collect::<Vec<_>>();
            (key.join("|"), FIGURES.map(|name| group[name].as_u64().expect("a count")))
        });
        assert_eq!(groups.collect::<Printed>(), truth, "{by} as JSON");
        let markdown = with("--markdown").out;
        for (key, figures) in &truth {
            let row = markdown.lines().find(|line| line.replace(' ', "").starts_with(&format!("|{key}|")));
            let row = row.unwrap_or_else(|| panic!("{key} in {markdown}")).replace([' ', '~'], "");
            assert!(row.contains(&format!("|{}|", figures[0])) && row.contains(&format!("|{}|", figures[3])), "{row}");
        }
    }
}
