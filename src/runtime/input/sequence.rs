//! One key or one sequence at the start of some bytes.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{Answer, Input};

/// What stands at the start.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// The beginning of something.
    More,
    /// So many bytes that mean nothing here.
    Skip(usize),
    /// So many bytes that mean this.
    Took(usize, Input),
    /// So many bytes, after which pasted text follows.
    Paste(usize),
}

/// A longer sequence is none that a terminal sends.
const LONGEST: usize = 256;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const NONE: KeyModifiers = KeyModifiers::NONE;

/// What stands at the start of bytes, of which there is at least one.
pub(super) fn next(bytes: &[u8]) -> Step {
    match bytes {
        [0x1b, b'[', rest @ ..] => control(rest),
        [0x1b, b'O', rest @ ..] => single_shift(rest),
        [0x1b, 0x1b, ..] => took(1, KeyCode::Esc, NONE),
        [0x1b] | [] => Step::More,
        [0x1b, rest @ ..] => with_alt(plain(rest)),
        bytes => plain(bytes),
    }
}

fn took(bytes: usize, code: KeyCode, modifiers: KeyModifiers) -> Step {
    Step::Took(bytes, Input::Event(Event::Key(KeyEvent::new(code, modifiers))))
}

fn with_alt(step: Step) -> Step {
    match step {
        Step::Took(bytes, Input::Event(Event::Key(key))) => {
            took(bytes + 1, key.code, key.modifiers | KeyModifiers::ALT)
        }
        Step::Skip(bytes) => Step::Skip(bytes + 1),
        step @ (Step::More | Step::Took(..) | Step::Paste(_)) => step,
    }
}

/// A key that sends its character, or a control character.
fn plain(bytes: &[u8]) -> Step {
    let Some(first) = bytes.first().copied() else { return Step::More };
    let ctrl = |c: u8| took(1, KeyCode::Char(char::from(c)), KeyModifiers::CONTROL);
    match first {
        0 => ctrl(b' '),
        b'\r' => took(1, KeyCode::Enter, NONE),
        b'\t' => took(1, KeyCode::Tab, NONE),
        0x7f => took(1, KeyCode::Backspace, NONE),
        0x01..=0x1a => ctrl(first - 1 + b'a'),
        0x1b..=0x1f => ctrl(first - 0x1c + b'4'),
        _ => character(bytes),
    }
}

fn character(bytes: &[u8]) -> Step {
    let start = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let valid = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(error) => return error.error_len().map_or(Step::More, Step::Skip),
    };
    let Some(c) = valid.chars().next() else { return Step::Skip(1) };
    took(c.len_utf8(), KeyCode::Char(c), if c.is_uppercase() { SHIFT } else { NONE })
}

/// After `ESC O`: keys of the keypad and the first function keys.
fn single_shift(rest: &[u8]) -> Step {
    let Some(last) = rest.first().copied() else { return Step::More };
    match (last, by_letter(last)) {
        (b'M', _) => took(3, KeyCode::Enter, NONE),
        (_, Some(code)) => took(3, code, NONE),
        (_, None) => Step::Skip(3),
    }
}

/// After `ESC [`: parameters, intermediates, and the byte that says what it is.
fn control(rest: &[u8]) -> Step {
    match rest {
        // The Linux console's first function keys.
        [b'[', key, ..] => match key {
            b'A'..=b'E' => took(4, KeyCode::F(key - b'A' + 1), NONE),
            _ => Step::Skip(4),
        },
        // A mouse that was never asked for in this form.
        [b'M', _, _, _, ..] => Step::Skip(6),
        [b'M' | b'[', ..] => Step::More,
        _ => match rest.iter().position(|byte| !matches!(byte, 0x20..=0x3f)) {
            None if rest.len() > LONGEST => Step::Skip(rest.len() + 2),
            None => Step::More,
            Some(at) => match rest.split_at_checked(at) {
                Some((parameters, [last @ 0x40..=0x7e, ..])) => whole(parameters, *last, at + 3),
                // Another sequence begins, or something was lost.
                Some(_) | None => Step::Skip(at + 2),
            },
        },
    }
}

fn whole(parameters: &[u8], last: u8, bytes: usize) -> Step {
    let text = std::str::from_utf8(parameters).unwrap_or_default();
    match (text.strip_prefix('?'), text.strip_prefix('<'), last) {
        (Some(_), _, b'c') => Step::Took(bytes, Input::Answer(Answer::Attributes)),
        (Some(report), _, b'y') => {
            mode(report).map_or(Step::Skip(bytes), |answer| Step::Took(bytes, Input::Answer(answer)))
        }
        (None, Some(place), b'M' | b'm') => {
            mouse(place, last).map_or(Step::Skip(bytes), |event| Step::Took(bytes, Input::Event(event)))
        }
        (None, None, _) => key(&numbers(text), last, bytes),
        (Some(_), _, _) | (None, Some(_), _) => Step::Skip(bytes),
    }
}

/// `2026;2$`: a mode, and how it stands. 0 is a mode that is not known, 4 one that cannot be set.
fn mode(report: &str) -> Option<Answer> {
    let (mode, state) = report.strip_suffix('$')?.split_once(';')?;
    let mode = mode.parse().ok()?;
    match state {
        "1" | "2" | "3" => Some(Answer::Mode(mode)),
        _ => Some(Answer::NoMode(mode)),
    }
}

/// What stands between semicolons; a part after a colon refines a number and is left out.
fn numbers(text: &str) -> Vec<u32> {
    text.split(';').map(|number| number.split(':').next().unwrap_or_default().parse().unwrap_or(0)).collect()
}

fn key(numbers: &[u32], last: u8, bytes: usize) -> Step {
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
    let held = modifiers(number(1));
    let code = match last {
        b'~' => match number(0) {
            200 => return Step::Paste(bytes),
            // A key with its modifiers, as xterm sends it where it is told to.
            27 => return typed(number(2), held, bytes),
            number => by_number(number),
        },
        b'u' => return typed(number(0), held, bytes),
        b'Z' => return took(bytes, KeyCode::BackTab, held | SHIFT),
        b'I' => return Step::Took(bytes, Input::Event(Event::FocusGained)),
        b'O' => return Step::Took(bytes, Input::Event(Event::FocusLost)),
        letter => by_letter(letter),
    };
    code.map_or(Step::Skip(bytes), |code| took(bytes, code, held))
}

/// A key told by its character's number.
fn typed(number: u32, held: KeyModifiers, bytes: usize) -> Step {
    let code = match char::from_u32(number) {
        Some('\r') => KeyCode::Enter,
        Some('\t') if held.contains(SHIFT) => KeyCode::BackTab,
        Some('\t') => KeyCode::Tab,
        Some('\u{1b}') => KeyCode::Esc,
        Some('\u{7f}' | '\u{8}') => KeyCode::Backspace,
        Some(c) if !c.is_control() => KeyCode::Char(c),
        Some(_) | None => return Step::Skip(bytes),
    };
    took(bytes, code, held)
}

/// One more than the sum of 1 for shift, 2 for alt, 4 for control.
fn modifiers(number: u32) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    [(1, SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL), (8, KeyModifiers::SUPER)]
        .into_iter()
        .filter(|(bit, _)| bits & bit != 0)
        .fold(NONE, |held, (_, modifier)| held | modifier)
}

fn by_letter(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn by_number(number: u32) -> Option<KeyCode> {
    let f = |n: u32| u8::try_from(n).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => f(number - 10),
        17..=21 => f(number - 11),
        23..=24 => f(number - 12),
        _ => None,
    }
}

/// `button;column;row` of the SGR form; small letters end a press.
fn mouse(place: &str, last: u8) -> Option<Event> {
    let numbers = numbers(place);
    let [bits, column, row] = numbers.as_slice() else { return None };
    let button = match bits & 0b11 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (bits & 0b100_0000 != 0, bits & 0b10_0000 != 0, last) {
        (true, _, _) => match bits & 0b11 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        (false, true, _) if bits & 0b11 == 3 => MouseEventKind::Moved,
        (false, true, _) => MouseEventKind::Drag(button),
        (false, false, b'm') => MouseEventKind::Up(button),
        (false, false, _) => MouseEventKind::Down(button),
    };
    let held = modifiers((bits >> 2 & 0b111) + 1);
    let place = |number: u32| u16::try_from(number.saturating_sub(1)).unwrap_or(u16::MAX);
    Some(Event::Mouse(MouseEvent { kind, column: place(*column), row: place(*row), modifiers: held }))
}
