//! The bottom line's notices.

use std::time::Duration;

use crate::app::model::{Focus, Model, Notice, Tab, Tone};
use crate::config::keymap::{Action, Context, Global, List, Test};
use crate::domain::text::{clean_line, cut};

/// Long enough to read a line; bad news stays longer.
const STAYS: Duration = Duration::from_secs(5);
const BAD_STAYS: Duration = Duration::from_secs(10);
/// What shows for less was not read.
const READ: Duration = Duration::from_secs(1);
/// Bytes of a notice. More would not fit any line.
const LONGEST: usize = 400;

/// Says something on the bottom line.
pub(super) fn say(model: &mut Model, tone: Tone, text: &str) {
    let text = cut(&clean_line(text), LONGEST).into_owned();
    model.notice = Some(Notice { text, tone, until: model.view.now.saturating_add(stays(tone)) });
}

/// The key of an action, for a notice.
pub(super) fn key_of(model: &Model, context: Context, action: Action) -> String {
    model.look.keymap.key_of(context, action).map_or_else(|| "its key".to_owned(), |chord| chord.to_string())
}

/// Said where an action needs a connector and none is selected.
pub(super) fn no_connector(model: &mut Model) {
    let key = key_of(model, Context::List, Action::List(List::New));
    say(model, Tone::Info, &format!("no connector is selected; {key} in the list creates one"));
}

/// Said where a connector of the system layer would be changed.
pub(super) fn read_only(model: &mut Model) {
    let key = key_of(model, Context::List, Action::List(List::Duplicate));
    say(model, Tone::Info, &format!("preconfigured: read-only; {key} in the list makes a copy that can be changed"));
}

/// A notice is about the pane it was said in: it goes when a key leads elsewhere, unless it was said just now.
pub(super) fn left_behind(model: &mut Model, (focus, tab, notice): (Focus, Tab, Option<Notice>)) {
    let is_elsewhere = (model.view.focus, model.view.tab) != (focus, tab);
    let now = model.view.now;
    let is_read = |shown: &Notice| shown.until.saturating_add(READ) <= now.saturating_add(stays(shown.tone));
    model.notice.take_if(|shown| is_elsewhere && Some(&*shown) == notice.as_ref() && is_read(shown));
}

fn stays(tone: Tone) -> Duration {
    match tone {
        Tone::Info | Tone::Good => STAYS,
        Tone::Bad => BAD_STAYS,
    }
}

/// Time passed; it never goes back.
pub(super) fn tick(model: &mut Model, now: Duration) {
    model.view.now = model.view.now.max(now);
    let now = model.view.now;
    model.notice.take_if(|notice| notice.until <= now);
}

/// No terminal tells whether it took a copy: the way to do it by hand is told with it.
pub(super) fn copied(model: &mut Model, result: Result<String, String>) {
    let plain = key_of(model, Context::Global, Action::Global(Global::Plain));
    let save = key_of(model, Context::Test, Action::Test(Test::SaveReply));
    match result {
        Ok(told) => say(model, Tone::Good, &format!("{told}; {plain}: plain view")),
        Err(problem) => say(model, Tone::Bad, &format!("{problem}; {plain}: plain view, {save}: save to a file")),
    }
}
