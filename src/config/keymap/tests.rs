//! The table and what `[keys]` may change in it.

use super::*;

fn chord(text: &str) -> Chord {
    text.parse().unwrap()
}

#[test]
fn names_are_unique_and_no_key_means_two_things() {
    let keymap = Keymap::default();
    for (at, row) in keymap.all().iter().enumerate() {
        for other in &keymap.all()[at + 1..] {
            assert_ne!(row.name, other.name);
            let shared = row.context == other.context && row.chords.iter().any(|c| other.chords.contains(c));
            assert!(!shared, "{row} and {other} share a key");
        }
    }
}

#[test]
fn typing_takes_letters_from_the_global_keys() {
    let keymap = Keymap::default();
    assert_eq!(keymap.action(Context::List, chord("?")), Some(Action::Global(Global::Help)));
    assert_eq!(keymap.action(Context::Body, chord("?")), None);
    assert_eq!(keymap.action(Context::Body, chord("ctrl-c")), Some(Action::Global(Global::CancelOrQuit)));
    for context in Context::ALL {
        assert_eq!(keymap.action(context, chord("ctrl-z")), Some(Action::Global(Global::Suspend)), "{context:?}");
    }
}

#[test]
fn an_entry_replaces_the_keys_of_its_action() {
    let keys = ["f5".to_owned()];
    let keymap = Keymap::with([("test.run", keys.as_slice())]).unwrap();
    assert_eq!(keymap.action(Context::Test, chord("f5")), Some(Action::Test(Test::Run)));
    assert_eq!(keymap.action(Context::Test, chord("r")), None);
}

#[test]
fn a_key_that_acts_anywhere_is_not_hidden_by_another() {
    let with = |entries: &[(&str, &str)]| {
        let entries: Vec<_> = entries.iter().map(|(name, key)| (*name, [(*key).to_owned()])).collect();
        Keymap::with(entries.iter().map(|(name, keys)| (*name, keys.as_slice())))
    };
    let problem = |entries: &[(&str, &str)]| {
        let (name, problem) = with(entries).unwrap_err();
        format!("{name}: {problem}")
    };
    assert_eq!(problem(&[("list.run", "q")]), "list.run: \"q\" already means back there; change that one too");
    assert_eq!(problem(&[("events", "z")]), "events: \"z\" already means test.zoom there; change that one too");
    assert!(with(&[("list.run", "q"), ("back", "f10")]).is_ok());
    assert!(with(&[("filter.accept", "tab")]).is_ok(), "nothing acts anywhere while text is typed");
    assert!(with(&[("back", "q")]).is_ok(), "what shares a key by default may go on sharing it");
}

#[test]
fn bad_entries_say_what_is_meant() {
    let problem =
        |name: &str, key: &str| Keymap::with([(name, [key.to_owned()].as_slice())]).unwrap_err().1.to_string();
    assert_eq!(problem("test.rnu", "f5"), "\"test.rnu\" is no action; did you mean \"test.run\"?");
    assert_eq!(
        problem("test.run", "hyper-x"),
        "\"hyper-x\" is no key; write for example r, G, ctrl-s, shift-tab, space, f5"
    );
    assert_eq!(problem("test.run", "x"), "\"x\" already means test.cancel there; change that one too");
}
