//! What holds after any sequence of messages.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::app::overlay::{After, Overlay, Page, Question};
use crate::app::test::{BodyOrigin, TestPane};
use crate::config::SaveError;
use crate::domain::{ErrorKind, Field, RawEvent, UsageSummary};

/// Those that lead somewhere come often.
const KEYS: &str = "\
    j k g G pgdn pgup enter enter enter esc esc tab tab shift-tab e n c d space / r r x i i o y y p \
    [ ] z s R ctrl-z ctrl-7 ctrl-s ctrl-s ctrl-t ctrl-r ctrl-o ctrl-c ctrl-l ctrl-u ctrl-m ctrl-x ctrl-j q : \
    ? a b 1 日 u U U 2 3 t v ] u U 5 b z s up down left right home end backspace delete alt-x f5 \
    E E E f - minus w w W p c D Y Y S S / / n N M M Z * right left";

fn key() -> impl Strategy<Value = Msg> {
    prop::sample::select(KEYS.split(' ').collect::<Vec<_>>()).prop_map(|key| Msg::Key(key.parse().unwrap()))
}

fn any_config() -> impl Strategy<Value = Config> {
    let entry = (prop::sample::select(vec!["a", "b", "c", "team", "a-copy"]), 0..3u8, any::<bool>());
    prop::collection::vec(entry, 0..5).prop_map(|entries| {
        let mut by_id = BTreeMap::new();
        for (name, version, is_user) in entries {
            let connector = Connector { name: format!("{name} {version}"), ..connector(name) };
            by_id.insert(name, if is_user { user(connector) } else { system(connector) });
        }
        config(by_id.into_values())
    })
}

fn event() -> impl Strategy<Value = RunEvent> {
    let raw = RawEvent { at: Duration::ZERO, kind: "message".to_owned(), data: "x".to_owned(), size: 1 };
    prop_oneof![
        Just(RunEvent::Started { queue: Duration::ZERO }),
        Just(RunEvent::Raw(raw)),
        "[a-z\n\u{1b}日 ]{0,30}".prop_map(|text| answer(&text)),
        "[a-z ]{0,9}".prop_map(|text| RunEvent::Delta(Delta::Reasoning(text))),
        prop::sample::select(vec![Outcome::Ok, Outcome::Error, Outcome::Cancelled]).prop_map(end),
    ]
}

fn file() -> impl Strategy<Value = Msg> {
    let problem = || Failure::new(ErrorKind::Internal, "no", "");
    prop_oneof![
        any_config().prop_map(|config| Msg::Config(ConfigMsg::Loaded(Box::new(config)))),
        (any_config(), prop::option::of(Just(id("a")))).prop_map(|(config, id)| {
            let id = id.filter(|id| config.entries.iter().any(|entry| entry.connector.id == *id));
            Msg::Config(ConfigMsg::Saved(Box::new(config), id))
        }),
        Just(Msg::Config(ConfigMsg::Broken("broken".to_owned()))),
        Just(Msg::Config(ConfigMsg::NotSaved(SaveError::IdTaken))),
        prop::option::of(Just(Box::new(connector("a"))))
            .prop_map(|on_disk| { Msg::Config(ConfigMsg::NotSaved(SaveError::Clash { id: id("a"), on_disk })) }),
        Just(Msg::Errand(Errand::Edited(saved("b"), Err(problem())))),
        Just(Msg::Errand(Errand::Previewed(Ok(Page::default())))),
        Just(Msg::Errand(Errand::Previewed(Err(problem())))),
        Just(Msg::Usage(Ok(UsageSummary::default()))),
    ]
}

/// Parts of the screen that a click may hit.
fn areas(width: u16, height: u16) -> crate::app::model::Areas {
    let area = |x: u16| crate::app::model::Area { x, y: 1, width: width / 4, height };
    crate::app::model::Areas {
        list: area(0),
        workspace: area(width / 4),
        response: area(width / 4),
        tabs: [area(width / 2); 3],
        response_tabs: [area(width / 2); 6],
        ..crate::app::model::Areas::default()
    }
}

fn pointer() -> impl Strategy<Value = Msg> {
    use crate::app::msg::{Pointer, PointerAct};
    let act = prop::sample::select(vec![PointerAct::Press, PointerAct::WheelUp, PointerAct::WheelDown]);
    (act, 0..60u16, 0..20u16).prop_map(|(act, column, row)| Msg::Mouse(Pointer { act, column, row }))
}

fn msg() -> impl Strategy<Value = Msg> {
    let facts = (0..60u16, 0..20u16).prop_map(|(columns, rows)| Facts {
        response: (columns, rows),
        list_rows: rows,
        edit_rows: rows,
        page: (columns, rows),
        below: usize::from(rows),
        areas: areas(columns, rows),
    });
    prop_oneof![
        30 => key(),
        2 => "[a-z:\n{ ]{0,9}|curl h -d [a-z{}]{1,4}".prop_map(Msg::Paste),
        2 => pointer(),
        1 => (0..200u16, 0..60u16).prop_map(|(columns, rows)| Msg::Resize(columns, rows)),
        1 => facts.prop_map(Msg::Drawn),
        1 => (0..90u64).prop_map(|seconds| Msg::Tick(Duration::from_secs(seconds))),
        1 => any::<u64>().prop_map(|arrived| Msg::Rates(Rates { arrived, drawn: 0 })),
        4 => (0..6u128, prop::collection::vec(event(), 0..4)).prop_map(|(run, events)| Msg::Run(run_id(run), events)),
        3 => file(),
        2 => super::events::ledger(),
    ]
}

/// What must be true of the model after every message.
fn holds(model: &Model) {
    list_holds(model);
    runs_hold(model);
    edit_holds(model);
    events_hold(model);
    for pane in model.tests.values() {
        let rows = pane.run.and_then(|run| model.runs.all.get(&run)).map_or(0, |run| run.rows(pane.tab, 40));
        assert!(pane.scroll.first(rows, 10) <= rows);
    }
    if let Some(subject) = model.subject() {
        assert!(model.tests.contains_key(&subject));
    }
}

/// The cursor is on a run wherever there is one, and memory is bounded.
fn events_hold(model: &Model) {
    let Some(pane) = &model.ledger.events else { return };
    assert!(pane.window.runs.is_empty() || pane.selected().is_some());
    assert!(pane.window.runs.len() <= crate::app::events::WINDOW);
    assert!(pane.look.detail.is_none() || pane.selected().is_some());
}

fn list_holds(model: &Model) {
    let listed: Vec<_> =
        model.list.rows(&model.config.config.entries, &model.runs).map(|entry| &entry.connector.id).collect();
    match &model.list.selected {
        Some(selected) => assert!(listed.contains(&selected), "{selected} is not listed"),
        None => assert!(listed.is_empty()),
    }
    assert!(model.list.offset <= listed.len().saturating_sub(1));
}

fn runs_hold(model: &Model) {
    for (subject, run) in &model.runs.latest {
        assert_eq!(model.runs.all.get(run).map(|run| &run.subject), Some(subject));
    }
    for (id, run) in &model.runs.all {
        assert!(run.is_alive() || model.runs.latest.get(&run.subject) == Some(id), "{id} is kept for nothing");
    }
}

/// The draft says what is being typed, but for a key that is typed anew and headers that are none yet.
fn edit_holds(model: &Model) {
    let Some(edit) = &model.edit else { return };
    assert!(edit.fields().any(|field| field == edit.cursor));
    let follows = !edit.cursor.is_secret() && edit.cursor != Field::Headers;
    if let Some(area) = edit.typing.as_ref().filter(|_| follows) {
        assert_eq!(area.lines().join("\n"), edit.draft.text(edit.cursor));
    }
}

fn typed_bodies(model: &Model) -> Vec<String> {
    let typed = model.tests.values().filter(|pane| pane.origin == BodyOrigin::Typed);
    typed.map(TestPane::text).collect()
}

/// Quitting is asked about while a run is alive: only the answer to a question may end the program then.
fn quits_with_leave(before: &Model, effects: &[Effect]) {
    let was_asked = matches!(before.overlay, Some(Overlay::Question(Question::Quit | Question::Discard(After::Quit))));
    let is_alive = before.runs.alive() > 0;
    assert!(!effects.contains(&Effect::Quit) || !is_alive || was_asked, "quit without a question");
}

/// Only a person's own keys change or drop what they typed.
fn keeps_bodies(before: &Model, after: &Model) {
    let kept = typed_bodies(after);
    for body in typed_bodies(before) {
        assert!(kept.contains(&body), "a typed body went: {body}");
    }
}

/// Settling is left out after what comes by the thousand a second: it would have changed nothing.
fn is_settled(model: &Model) {
    let mut settled = model.clone();
    crate::app::update::settle(&mut settled);
    assert_eq!(format!("{settled:?}"), format!("{model:?}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_messages_leave_a_model_that_holds(messages in prop::collection::vec(msg(), 1..60)) {
        let mut model = model();
        let mut runs = Vec::new();
        for msg in messages {
            let before = model.clone();
            let is_hand = matches!(msg, Msg::Key(_) | Msg::Paste(_));
            let is_figures = matches!(msg, Msg::Tick(_) | Msg::Run(..) | Msg::Rates(_));
            let effects = update(&mut model, msg);
            holds(&model);
            if is_figures {
                is_settled(&model);
            }
            quits_with_leave(&before, &effects);
            if !is_hand {
                keeps_bodies(&before, &model);
            }
            for start in started(&effects) {
                prop_assert!(!runs.contains(&start.run), "{} is started twice", start.run);
                runs.push(start.run);
            }
        }
    }

    #[test]
    fn a_typed_key_is_in_no_dump(messages in prop::collection::vec(msg(), 0..30)) {
        let mut model = model();
        press(&mut model, "n j j j j j");
        update(&mut model, Msg::Paste("canary-0123456789".to_owned()));
        for msg in messages {
            let effects = update(&mut model, msg);
            let dump = format!("{model:?} {effects:?}");
            prop_assert!(!dump.contains("canary-0123"));
        }
    }
}
