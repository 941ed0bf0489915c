//! Keys and pastes of the terminal as messages.
//!
//! The only place that knows both crossterm's keys and the keymap's. What a key means is the keymap's affair.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::app::Msg;
use crate::app::msg::{Pointer, PointerAct};
use crate::config::keymap::{Chord, Key};

/// The message an event of the terminal stands for; none for events that mean nothing here.
pub(super) fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => chord(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Mouse(mouse) => pointer(mouse).map(Msg::Mouse),
        // Sizes come as signals.
        Event::Resize(..) | Event::FocusGained | Event::FocusLost => None,
    }
}

/// What the mouse did, as far as it means something here.
fn pointer(event: MouseEvent) -> Option<Pointer> {
    let act = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => PointerAct::Press,
        MouseEventKind::ScrollUp => PointerAct::WheelUp,
        MouseEventKind::ScrollDown => PointerAct::WheelDown,
        MouseEventKind::Down(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => return None,
    };
    Some(Pointer { act, column: event.column, row: event.row })
}

/// The chord of a key that went down or repeats.
pub(super) fn chord(event: KeyEvent) -> Option<Chord> {
    let foreign = KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    if event.kind == KeyEventKind::Release || event.modifiers.intersects(foreign) {
        return None;
    }
    let held = |modifier| event.modifiers.contains(modifier);
    let chord = Chord {
        key: key(event.code)?,
        ctrl: held(KeyModifiers::CONTROL),
        alt: held(KeyModifiers::ALT),
        shift: held(KeyModifiers::SHIFT) || event.code == KeyCode::BackTab,
    };
    Some(chord.normal())
}

fn key(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::F(n @ 1..=12) => Key::F(n),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab | KeyCode::BackTab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(_)
        | KeyCode::Insert
        | KeyCode::Null
        | KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::KeypadBegin
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        chord(KeyEvent::new(code, modifiers)).map(|chord| chord.to_string())
    }

    #[test]
    fn keys_have_the_names_of_the_keymap() {
        let none = KeyModifiers::NONE;
        for (code, modifiers, name) in [
            (KeyCode::Char('r'), none, "r"),
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('S'), KeyModifiers::CONTROL | KeyModifiers::SHIFT, "ctrl-s"),
            (KeyCode::Char('x'), KeyModifiers::ALT, "alt-x"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab"),
            (KeyCode::BackTab, none, "shift-tab"),
            (KeyCode::Char(' '), none, "space"),
            (KeyCode::F(12), none, "f12"),
            (KeyCode::PageDown, none, "pgdn"),
        ] {
            assert_eq!(text(code, modifiers).as_deref(), Some(name), "{code:?}");
        }
    }

    #[test]
    fn a_key_that_repeats_acts_again_and_one_that_is_let_go_does_not() {
        let event = |kind| KeyEvent::new_with_kind(KeyCode::Char('j'), KeyModifiers::NONE, kind);
        assert!(chord(event(KeyEventKind::Press)).is_some());
        assert!(chord(event(KeyEventKind::Repeat)).is_some());
        assert!(chord(event(KeyEventKind::Release)).is_none());
    }

    #[test]
    fn keys_of_the_window_system_and_unknown_ones_mean_nothing() {
        assert_eq!(text(KeyCode::Char('q'), KeyModifiers::SUPER), None);
        assert_eq!(text(KeyCode::Insert, KeyModifiers::NONE), None);
        assert_eq!(text(KeyCode::F(13), KeyModifiers::NONE), None);
        assert_eq!(message(Event::FocusGained), None);
    }

    #[test]
    fn of_the_mouse_only_the_wheel_and_the_first_button_count() {
        let event = |kind| Event::Mouse(MouseEvent { kind, column: 7, row: 3, modifiers: KeyModifiers::NONE });
        let at = |act| Some(Msg::Mouse(Pointer { act, column: 7, row: 3 }));
        assert_eq!(message(event(MouseEventKind::ScrollUp)), at(PointerAct::WheelUp));
        assert_eq!(message(event(MouseEventKind::Down(MouseButton::Left))), at(PointerAct::Press));
        assert_eq!(message(event(MouseEventKind::Down(MouseButton::Right))), None);
        assert_eq!(message(event(MouseEventKind::Moved)), None);
    }

    #[test]
    fn pastes_pass_as_they_are() {
        assert_eq!(message(Event::Paste("a\nb".into())), Some(Msg::Paste("a\nb".into())));
    }
}
