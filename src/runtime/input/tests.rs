use crossterm::event::{MouseButton, MouseEventKind};
use proptest::prelude::*;

use super::*;
use crate::runtime::keys;

fn feed(bytes: &[u8]) -> Vec<Input> {
    Decoder::default().feed(bytes)
}

/// The names of keys; anything else as it is written in code.
fn names(inputs: &[Input]) -> Vec<String> {
    let name = |input: &Input| match input {
        Input::Event(Event::Key(key)) => {
            keys::chord(*key).map_or_else(|| format!("{:?}", key.code), |chord| chord.to_string())
        }
        other @ (Input::Event(_) | Input::Answer(_)) => format!("{other:?}"),
    };
    inputs.iter().map(name).collect()
}

#[test]
fn keys_are_what_terminals_send_for_them() {
    for (bytes, name) in [
        ("a", "a"),
        ("A", "A"),
        ("ß", "ß"),
        ("海", "海"),
        (" ", "space"),
        ("\r", "enter"),
        ("\n", "ctrl-j"),
        ("\t", "tab"),
        ("\u{7f}", "backspace"),
        ("\u{1a}", "ctrl-z"),
        ("\u{0}", "ctrl-space"),
        ("\u{1f}", "ctrl-7"),
        ("\u{1b}[Z", "shift-tab"),
        ("\u{1b}[A", "up"),
        ("\u{1b}OB", "down"),
        ("\u{1b}[1;5C", "ctrl-right"),
        ("\u{1b}[1;2D", "shift-left"),
        ("\u{1b}[H", "home"),
        ("\u{1b}[4~", "end"),
        ("\u{1b}[5~", "pgup"),
        ("\u{1b}[6;3~", "alt-pgdn"),
        ("\u{1b}[3~", "delete"),
        ("\u{1b}OP", "f1"),
        ("\u{1b}[[B", "f2"),
        ("\u{1b}[15~", "f5"),
        ("\u{1b}[24~", "f12"),
        ("\u{1b}x", "alt-x"),
        ("\u{1b}ä", "alt-ä"),
        ("\u{1b}[27;5;13~", "ctrl-enter"),
        ("\u{1b}[97;5u", "ctrl-a"),
    ] {
        assert_eq!(names(&feed(bytes.as_bytes())), [name], "{bytes:?}");
    }
}

#[test]
fn an_escape_key_is_known_once_nothing_follows() {
    let mut decoder = Decoder::default();
    assert_eq!((decoder.feed(b"\x1b"), decoder.is_waiting()), (Vec::new(), true));
    assert_eq!((names(&decoder.give_up()), decoder.is_waiting()), (vec!["esc".to_owned()], false));
    assert_eq!(names(&feed(b"\x1b\x1b[A")), ["esc", "up"]);
    assert!(decoder.feed(b"\x1b[").is_empty());
    assert_eq!(names(&decoder.give_up()), ["alt-["]);
}

#[test]
fn answers_come_among_keys_and_take_none_of_them() {
    let inputs = feed(b"j\x1b[?2026;2$yk\x1b[?62;22cl\x1b[?69;0$y");
    let key = |c| Input::Event(Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
    let answer = Input::Answer;
    let told = [
        key('j'),
        answer(Answer::Mode(2026)),
        key('k'),
        answer(Answer::Attributes),
        key('l'),
        answer(Answer::NoMode(69)),
    ];
    assert_eq!(inputs, told);
}

#[test]
fn what_is_not_understood_becomes_no_key() {
    for bytes in ["\u{1b}[?1;2R", "\u{1b}[>1;2;3c", "\u{1b}[99~", "\u{1b}Oz", "\u{1b}[M abc", "\u{1b}[<1M", "\u{1b}[5"]
    {
        let mut decoder = Decoder::default();
        let inputs = [decoder.feed(bytes.as_bytes()), decoder.give_up()].concat();
        let keys = names(&inputs).concat();
        assert!(inputs.is_empty() || bytes.ends_with(&keys) && bytes.contains('M'), "{bytes:?}: {keys}");
    }
    assert_eq!(names(&feed(b"\xff\xfeq")), ["q"]);
    assert_eq!(names(&feed(b"\x1b[12\x1b[A")), ["up"]);
}

#[test]
fn a_paste_is_one_piece_however_long_and_whatever_is_in_it() {
    let text = "line\n\u{1b}[A \u{1b}[201 ~ ünd".repeat(50_000);
    let whole = format!("a\u{1b}[200~{text}\u{1b}[201~b");
    let mut decoder = Decoder::default();
    let inputs: Vec<Input> = whole.as_bytes().chunks(4_096).flat_map(|piece| decoder.feed(piece)).collect();
    let [Input::Event(a), Input::Event(Event::Paste(pasted)), Input::Event(b)] = inputs.as_slice() else {
        panic!("{} inputs", inputs.len());
    };
    assert!(*pasted == text);
    assert!(a.is_key_press() && b.is_key_press());
}

#[test]
fn a_mouse_tells_buttons_wheel_and_place() {
    let kinds: Vec<MouseEventKind> = feed(b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<65;1;1M\x1b[<32;9;9M")
        .into_iter()
        .map(|input| match input {
            Input::Event(Event::Mouse(mouse)) => mouse.kind,
            other @ (Input::Event(_) | Input::Answer(_)) => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            MouseEventKind::Down(MouseButton::Left),
            MouseEventKind::Up(MouseButton::Left),
            MouseEventKind::ScrollDown,
            MouseEventKind::Drag(MouseButton::Left),
        ]
    );
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_give_the_same(bytes in prop::collection::vec(any::<u8>(), 0..64), at in 0usize..64) {
        let mut decoder = Decoder::default();
        let (first, second) = bytes.split_at(at.min(bytes.len()));
        let pieces = [decoder.feed(first), decoder.feed(second)].concat();
        prop_assert_eq!(pieces, feed(&bytes));
    }

    #[test]
    fn sequences_in_any_pieces_give_the_same(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "é", "\u{1b}", "\u{1b}[A", "\u{1b}[200~", "paste", "\u{1b}[201~", "\u{1b}[?62c", "\u{1b}O", "P", "\u{1b}[1;5", "~",
        ]), 0..12),
        at in 0usize..64,
    ) {
        let bytes = parts.concat().into_bytes();
        let mut decoder = Decoder::default();
        let (first, second) = bytes.split_at(at.min(bytes.len()));
        let pieces = [decoder.feed(first), decoder.feed(second)].concat();
        prop_assert_eq!(pieces, feed(&bytes));
    }
}
