//! The house's rules, read from its own source: who may use whom, and how large things may grow.
//!
//! Owns the table of rules and compares it with every file under `src/`. Code that only tests compile is
//! held to the rules of files alone. What clippy can check, clippy checks.

mod paths;
mod shapes;
mod source;

use source::{Finding, Source};

/// What a room may use and what it must not know. A name stands for everything below it.
struct Room {
    name: &'static str,
    uses: &'static [&'static str],
    forbidden: &'static [&'static str],
}

/// Files, clocks and the environment: a value in a room that must not look for itself.
const WORLD: [&str; 8] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant::now",
    "std::time::SystemTime",
    "jiff::Timestamp::now",
];

const ROOMS: [Room; 14] = [
    Room {
        name: "domain",
        uses: &[],
        forbidden: &["tokio", "reqwest", "ratatui", "crossterm", "rusqlite", "hyper", "clap", WORLD_NAME],
    },
    Room {
        name: "disk",
        uses: &[],
        forbidden: &["tokio", "reqwest", "ratatui", "crossterm", "rusqlite", "hyper", "clap"],
    },
    Room {
        name: "config",
        uses: &["domain", "disk"],
        forbidden: &["tokio", "reqwest", "ratatui", "rusqlite", "hyper"],
    },
    Room { name: "secrets", uses: &["domain", "disk"], forbidden: &["ratatui", "rusqlite", "hyper", "reqwest"] },
    Room { name: "store", uses: &["domain"], forbidden: &["tokio", "ratatui", "hyper", "reqwest"] },
    Room { name: "net", uses: &["domain"], forbidden: &["ratatui", "rusqlite"] },
    Room { name: "provider", uses: &["domain", "net", "secrets"], forbidden: &["ratatui", "crossterm", "rusqlite"] },
    Room {
        name: "telemetry",
        uses: &["domain", "net", "secrets", "provider::policy_secrets"],
        forbidden: &["ratatui", "crossterm", "rusqlite", "hyper"],
    },
    Room {
        name: "doctor",
        uses: &["domain", "net", "secrets", "provider"],
        forbidden: &["ratatui", "crossterm", "rusqlite", "reqwest", "hyper"],
    },
    Room {
        name: "app",
        uses: &["domain", "config", "provider::prefilled_body", "provider::check_body"],
        forbidden: &["tokio", "reqwest", "rusqlite", "hyper", "crossterm::terminal", "crossterm::execute", WORLD_NAME],
    },
    Room {
        name: "ui",
        uses: &["domain", "config", "app"],
        forbidden: &["tokio", "reqwest", "rusqlite", "hyper", "crossterm::terminal", WORLD_NAME],
    },
    Room {
        name: "runtime",
        uses: &["domain", "config", "secrets", "store", "net", "provider", "telemetry", "doctor", "app", "ui"],
        forbidden: &["hyper", "rusqlite"],
    },
    Room {
        name: "cli",
        uses: &[
            "domain",
            "disk",
            "config",
            "secrets",
            "store",
            "net",
            "provider",
            "telemetry",
            "doctor",
            "app",
            "runtime",
            "sandbox",
        ],
        forbidden: &["ratatui", "rusqlite"],
    },
    Room { name: "sandbox", uses: &["domain"], forbidden: &["ratatui", "crossterm", "rusqlite", "reqwest"] },
];

/// In a room's `forbidden`: all of [`WORLD`].
const WORLD_NAME: &str = "(the world)";

/// The files that may name a literal colour: those that choose one, and the one that turns any into a terminal's code.
const COLOUR_FILES: [&str; 3] = ["src/ui/style.rs", "src/config/theme.rs", "src/runtime/paint/encode.rs"];

const FILE_LINES: usize = 500;
const FN_LINES: usize = 60;
const FN_LINES_P95: usize = 40;
const FN_LINES_MEDIAN: usize = 10;
const STRUCT_FIELDS: usize = 10;
const ENUM_VARIANTS: usize = 15;

/// Types that are larger than the rule, each with its reason.
const LARGE_TYPES: [(&str, &str); 7] = [
    ("Test", "one for each thing that can be done with a request and its reply"),
    ("Msg", "one for each thing that can happen to the screen"),
    ("Global", "one for each thing that works wherever no text is typed"),
    ("Context", "one for each place where a key is pressed"),
    ("ErrorKind", "the taxonomy of failures is one flat list: it is the interface of `--json` and the event log"),
    ("Field", "one for each field of a connector, in the order of the editor and of `--set`"),
    (
        "NetworkKey",
        "one for each key of a network table: the list of the file, the editor, `--set` and `show --network`",
    ),
];

fn report(findings: &[Finding]) -> Result<(), String> {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    if lines.is_empty() { Ok(()) } else { Err(format!("\n{}\n", lines.join("\n"))) }
}

#[test]
fn dependencies_point_down() -> Result<(), String> {
    let sources = source::read()?;
    report(&sources.iter().flat_map(room_findings).collect::<Vec<_>>())
}

#[test]
fn colours_are_named_in_the_theme_alone() -> Result<(), String> {
    let sources = source::read()?;
    let others = sources.iter().filter(|source| !COLOUR_FILES.contains(&source.name.as_str()));
    report(&others.flat_map(colour_findings).collect::<Vec<_>>())
}

#[test]
fn files_are_short_and_begin_with_what_they_own() -> Result<(), String> {
    let sources = source::read()?;
    report(&sources.iter().flat_map(file_findings).collect::<Vec<_>>())
}

#[test]
fn types_and_signatures_are_small() -> Result<(), String> {
    let sources = source::read()?;
    report(&sources.iter().flat_map(|source| shapes::of(source).findings).collect::<Vec<_>>())
}

#[test]
fn functions_are_short() -> Result<(), String> {
    let sources = source::read()?;
    let mut lengths: Vec<usize> = sources.iter().flat_map(|source| shapes::of(source).lengths).collect();
    lengths.sort_unstable();
    let at = |hundredths: usize| lengths.get(lengths.len() * hundredths / 100).copied().unwrap_or(0);
    assert!(at(50) <= FN_LINES_MEDIAN, "the median function has {} lines; the rule is {FN_LINES_MEDIAN}", at(50));
    assert!(at(95) <= FN_LINES_P95, "one function in twenty has {} lines; the rule is {FN_LINES_P95}", at(95));
    Ok(())
}

#[test]
fn every_room_of_the_library_is_in_the_table() -> Result<(), String> {
    let sources = source::read()?;
    let known = |name: &str| ROOMS.iter().any(|room| room.name == name) || ["lib", "main"].contains(&name);
    let unknown: Vec<_> = sources.iter().filter(|source| !known(source.room())).map(|source| &source.name).collect();
    assert!(unknown.is_empty(), "no rule says what these may use: {unknown:?}");
    Ok(())
}

fn room_findings(source: &Source) -> Vec<Finding> {
    let Some(room) = ROOMS.iter().find(|room| room.name == source.room()) else { return Vec::new() };
    let mut findings: Vec<Finding> = paths::of(source)
        .into_iter()
        .filter_map(|named| broken_rule(room, &named.path).map(|rule| source.finding(named.line, &rule)))
        .collect();
    findings.dedup();
    findings
}

/// The rule that naming this path breaks.
fn broken_rule(room: &Room, path: &str) -> Option<String> {
    if let Some(inner) = path.strip_prefix("crate::") {
        let other = inner.split("::").next().unwrap_or(inner);
        let is_room = ROOMS.iter().any(|room| room.name == other);
        let allowed = other == room.name || room.uses.iter().any(|name| covers(name, inner));
        return (is_room && !allowed).then(|| format!("{} must not use {inner}", room.name));
    }
    let world = if room.forbidden.contains(&WORLD_NAME) { &WORLD[..] } else { &[] };
    let name = room.forbidden.iter().chain(world).find(|name| covers(name, path))?;
    Some(format!("{} must not name {name}", room.name))
}

/// Whether `name` is `path` or an ancestor of it; `a::*` names all that is in `a`.
fn covers(name: &str, path: &str) -> bool {
    let below =
        |path: &str, name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    below(path, name) || path.strip_suffix("::*").is_some_and(|parent| below(name, parent))
}

fn colour_findings(source: &Source) -> Vec<Finding> {
    let literal = |path: &str| path.contains("::style::Color::") || path.starts_with("Color::");
    let paths = paths::of(source).into_iter().filter(|named| literal(&named.path));
    paths.map(|named| source.finding(named.line, "a colour is named in the theme alone")).collect()
}

fn file_findings(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    let rules = [
        (lines > FILE_LINES, format!("a file has at most {FILE_LINES} lines, this one has {lines}")),
        (
            !is_test(&source.name) && !source.text.starts_with("//!"),
            "a file begins with `//!` and what it owns".to_owned(),
        ),
        (source.name.ends_with("/mod.rs"), "a module is `foo.rs` beside `foo/`, never `mod.rs`".to_owned()),
    ];
    rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| source.finding(1, &rule)).collect()
}

/// Tests beside the code: their names say what they hold.
fn is_test(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/")
}

/// Files written to break each rule, so that a rule that sees nothing is noticed.
#[cfg(test)]
mod on_purpose {
    use super::{Source, colour_findings, file_findings, paths, room_findings, shapes};

    fn broken(name: &str, text: &str) -> Vec<String> {
        let source = Source::of(name, text, &[]).expect("valid Rust");
        let mut findings = room_findings(&source);
        findings.extend(colour_findings(&source));
        findings.extend(file_findings(&source));
        findings.extend(shapes::of(&source).findings);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_way_to_name_a_forbidden_thing_is_seen() {
        for line in [
            "use std::fs;",
            "use std::{io, fs::File};",
            "use std::*;",
            "fn f() { std::fs::read(p); }",
            "use std::time::Instant; fn f() { Instant::now(); }",
            "use std::time as t; fn f() { t::Instant::now(); }",
            "fn f() { println!(\"{:?}\", std::env::var(n)); }",
            "#[tokio::main] fn f() {}",
            "use crate::ui::State;",
            "use super::runtime::State;",
            "fn f(s: &crate::store::Reader) {}",
            "fn f() { println!(\"{}\", crate::net::x()); }",
            "use crate::{domain::Draft, cli};",
            "use crate::provider::execute;",
        ] {
            let found = broken("src/app.rs", &format!("//! App.\n{line}\n"));
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            assert!(found.iter().all(|rule| rule.starts_with("src/app.rs:2: app must not ")), "{found:?}");
        }
    }

    #[test]
    fn what_is_allowed_is_not_told() {
        let text = "//! App.\nuse std::time::{Duration, Instant};\nuse crate::{config::keymap, domain::*};\nuse self::list::fs;\n\
            use crate::provider::check_body;\nuse super::app::model;\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(broken("src/app.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_path_from_a_deep_module_is_followed_up() -> Result<(), String> {
        let source =
            Source::of("src/app/test/edit.rs", "//! E.\nuse super::super::super::ui::x;\nuse super::y;\n", &[])?;
        let named: Vec<_> = paths::of(&source).into_iter().map(|named| named.path).collect();
        assert_eq!(named, ["crate::ui::x", "crate::app::test::y"]);
        Ok(())
    }

    #[test]
    fn each_shape_that_is_too_large_is_seen() {
        let fields = |n: usize| (0..n).map(|i| format!("f{i}: u8")).collect::<Vec<_>>().join(",");
        let variants = |n: usize| (0..n).map(|i| format!("V{i}")).collect::<Vec<_>>().join(",");
        let lines = |n: usize| "\n".repeat(n);
        let cases = [
            (format!("struct S {{ {} }}", fields(11)), 1),
            (format!("struct S {{ {} }}", fields(10)), 0),
            (format!("#[derive(clap::Args)] struct S {{ {} }}", fields(11)), 0),
            (format!("enum E {{ {} }}", variants(16)), 1),
            (format!("enum E {{ {} }}", variants(15)), 0),
            ("fn f(loud: bool) {}".to_owned(), 1),
            ("impl S { fn f(&self, loud: bool) {} }".to_owned(), 1),
            ("impl Theirs for S { fn f(&self, loud: bool) {} }".to_owned(), 0),
            (format!("fn f() {{ {} }}", lines(60)), 1),
            (format!("fn f() {{ {} }}", lines(59)), 0),
        ];
        for (text, expected) in cases {
            let found = broken("src/net.rs", &format!("//! N.\n{text}\n"));
            assert_eq!(found.len(), expected, "{text}: {found:?}");
        }
    }

    #[test]
    fn each_fault_of_a_file_is_seen() {
        assert_eq!(broken("src/net/mod.rs", "//! N.\n").len(), 1);
        assert_eq!(broken("src/net.rs", "use x::y;\n").len(), 1);
        assert_eq!(broken("src/net.rs", &format!("//! N.\n{}", "\n".repeat(500))).len(), 1);
        assert_eq!(broken("src/ui.rs", "//! U.\nfn f() { Color::Red }\n").len(), 1);
        assert_eq!(broken("src/ui.rs", "//! U.\nuse ratatui::style::Color; fn f() { Color::Red }\n").len(), 1);
    }
}
