//! What lies over the screen as it should look: the palette, the help, questions, names of files, pages, a plain text.

use super::dump::styled;
use super::fixtures::*;
use super::screens::{State, check};
use super::{connectors, dump};
use crate::app::Model;
use crate::app::edit::EditPane;
use crate::app::model::{Notice, Tab, Tone};
use crate::app::overlay::{After, Import, Naming, Overlay, Page, Plain, Question};
use crate::config::keymap::Keymap;
use crate::domain::{Connector, SecretText};

pub(super) fn palette(state: State) -> Model {
    let (mut model, typed, then) = match state {
        State::Empty => (streaming(), "", String::new()),
        State::Typical => (streaming(), "run", "down".to_owned()),
        // What works elsewhere alone is told as such, and nothing matches the rest.
        State::Error => (model(), "no such command", String::new()),
        State::Long => (connectors::many(), "go team", "down ".repeat(40)),
        State::Wide => (connectors::wide(), "接続", "down".to_owned()),
    };
    press(&mut model, ":");
    write(&mut model, typed);
    press(&mut model, &then);
    model
}

pub(super) fn help(state: State) -> Model {
    let mut model = at(model(), Tab::Test);
    match state {
        State::Empty => {
            let all = Keymap::default();
            let bare = |context| all.rows(context).map(|row| row.name).filter(|name| *name != "help");
            let names = [crate::config::keymap::Context::Test, crate::config::keymap::Context::Global].map(bare);
            model.look.keymap = Keymap::with(names.into_iter().flatten().map(|name| (name, &[][..]))).unwrap();
        }
        State::Typical | State::Long => {}
        State::Error => {
            let until = model.view.now + ms(5_000);
            let text = "azure-prod: the key was refused".to_owned();
            model.notice = Some(Notice { text, tone: Tone::Bad, until });
        }
        State::Wide => {
            let keys = ["日".to_owned(), "한".to_owned(), "é".to_owned(), "ctrl-r".to_owned()];
            model.look.keymap = Keymap::with([("test.run", &keys[..])]).unwrap();
        }
    }
    press(&mut model, "?");
    if state == State::Long {
        press(&mut model, "G");
    }
    model
}

pub(super) fn question(state: State) -> Model {
    let (mut model, question) = match state {
        State::Empty => {
            let mut model = model();
            model.runs.all.clear();
            (model, Question::Quit)
        }
        State::Typical => (model(), Question::Delete(vec![id("azure-prod")])),
        State::Error => {
            let told = "the budget \"team\" is spent: 170.5k of 100k tokens today";
            (model(), Question::OverBudget(Vec::new(), told.to_owned()))
        }
        State::Long => (model(), pasted()),
        State::Wide => clash(|edit| {
            edit.draft.name = WIDE.repeat(3);
            edit.draft.notes = "東京の灯台 ".repeat(30);
        }),
    };
    model.overlay = Some(Overlay::Question(question));
    model
}

pub(super) fn name(state: State) -> Model {
    let name = match state {
        State::Empty => String::new(),
        State::Typical => "azure-prod-answer.txt".to_owned(),
        State::Error => "/proc/nowhere/answer.txt".to_owned(),
        State::Long => "a-directory-with-a-long-name/".repeat(9),
        State::Wide => format!("~/{WIDE}{WIDE}.txt"),
    };
    let mut model = done(STORY);
    if state == State::Error {
        let text = "/proc/nowhere/answer.txt: no such file or directory".to_owned();
        model.notice = Some(Notice { text, tone: Tone::Bad, until: ms(90_000) });
    }
    model.overlay = Some(Overlay::Name(Naming { name, text: STORY.into() }));
    model
}

pub(super) fn page(state: State) -> Model {
    let page = |title: &str, lines: &[&str]| Page {
        title: title.to_owned(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        top: 0,
    };
    let mut model = done(STORY);
    model.overlay = Some(match state {
        State::Empty => Overlay::Message(page("Report of the doctor", &[])),
        State::Typical => Overlay::Preview(page("What would be sent", &sent())),
        State::Error => Overlay::Message(page(
            "The file cannot be written",
            &["~/.config/switchboard/config.toml: permission denied", "", "is the directory yours?"],
        )),
        State::Long => {
            let line =
                "A line that is longer than any box over the screen is wide, so that it has to be wrapped. ".repeat(3);
            Overlay::Message(Page { top: 30, ..page("A long report", &[line.as_str(); 40]) })
        }
        State::Wide => Overlay::Message(page(WIDE, &[WIDE, "", &WIDE.repeat(4)])),
    });
    model
}

pub(super) fn plain(state: State) -> Model {
    let line = |n: usize| format!("Line {n} of a long reply, told without end.");
    let lines = || (1..400).map(line).collect::<Vec<_>>().join("\n");
    let (text, top) = match state {
        State::Empty => (String::new(), 0),
        State::Typical => (STORY.to_owned(), 0),
        State::Error => ("the server refused the key: Incorrect API key provided: sk-••••".to_owned(), 0),
        State::Long => (lines(), 120),
        State::Wide => (format!("{WIDE}\n").repeat(3) + &WIDE.repeat(6), 0),
    };
    let mut model = done(STORY);
    let mut plain = Plain { top, ..Plain::default() };
    plain.flow.push(&text);
    model.overlay = Some(Overlay::Plain(plain));
    model
}

fn sent() -> [&'static str; 6] {
    [
        "POST https://acme.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
        "api-key: ****",
        "content-type: application/json",
        "accept-encoding: identity",
        "",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello world\"}],\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
    ]
}

/// A pasted command of which much is not carried over.
fn pasted() -> Question {
    let pasted = "curl https://gw.test/v1/chat/completions -k -u a:b -H 'Authorization: Bearer canary-key' \
        -H 'x-team: search' --compressed -L --retry 3 --http2 --cert a.pem --proxy http://p:1 -d '{\"model\":\"m\"}'";
    let curl = crate::domain::curl::read(pasted).unwrap();
    let mut draft = curl.draft();
    draft.id = "gw-test".to_owned();
    Question::Paste(Box::new(Import { draft, body: curl.body, left_out: curl.left_out }))
}

/// A connector that was changed on disk while it was edited.
fn clash(change: impl FnOnce(&mut EditPane)) -> (Model, Question) {
    let mut model = at(model(), Tab::Edit);
    let entry = model.config.entry(&id("azure-prod")).unwrap().clone();
    let mut edit = EditPane::open(&entry);
    change(&mut edit);
    model.edit = Some(edit);
    let theirs: Connector = entry.connector;
    (model, Question::Clash(Some(Box::new(theirs))))
}

#[test]
fn question_about_a_clash() {
    let (mut model, question) = clash(|edit| {
        edit.draft.url = "https://acme.openai.azure.com/openai/v1".to_owned();
        edit.draft.auth.api_key = SecretText::new("canary-key");
    });
    model.overlay = Some(Overlay::Question(question));
    assert!(!styled(&drawn(model.clone(), (80, 24)).0).contains("canary"));
    check("clash", &model);
}

#[test]
fn question_about_many() {
    let mut model = model();
    let ids: Vec<_> = model.config.config.entries.iter().map(|entry| entry.connector.id.clone()).collect();
    model.overlay = Some(Overlay::Question(Question::Delete(ids)));
    check("question_many", &model);
}

#[test]
fn question_about_changes() {
    let (mut model, _) = clash(|edit| edit.draft.name = "Renamed".to_owned());
    model.overlay = Some(Overlay::Question(Question::Discard(After::Quit)));
    check("question_discard", &model);
}

#[test]
fn a_pasted_key_never_shows() {
    let model = question(State::Long);
    assert!(!styled(&drawn(model, (120, 40)).0).contains("canary"));
}

#[test]
fn what_works_elsewhere_is_told_in_the_palette() {
    let mut model = model();
    press(&mut model, ":");
    write(&mut model, "usage.s");
    check("palette_elsewhere", &model);
}

/// A page that goes on below says so, and how to get there; at its end it does not.
#[test]
fn more_to_read_has_a_sign() {
    let size = (80, 24);
    let text = |model: &mut Model| {
        seen(model, size);
        dump::plain(&drawn(model.clone(), size).0)
    };
    let mut model = help(State::Typical);
    let first = text(&mut model);
    assert!(first.contains("▼ 1–") && first.contains("j down  pgdn page down"), "{first}");
    press(&mut model, "G");
    let last = text(&mut model);
    assert!(last.contains("▲ ") && !last.contains('▼') && !last.contains("j down  pgdn"), "{last}");
    let mut short = page(State::Error);
    let short = text(&mut short);
    assert!(!short.contains("page down") && !short.contains('▼'), "{short}");
}
