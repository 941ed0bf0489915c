//! What lies over the screen: pages, and the answers to questions.

use unicode_width::UnicodeWidthStr;

use crate::app::effect::Effect;
use crate::app::list::FilterState;
use crate::app::model::{Focus, Model, Tab, Tone};
use crate::app::overlay::{After, Overlay, Page, Question};
use crate::config::Change;
use crate::config::keymap::{Binding, Context, Keymap, Prompt};
use crate::domain::Failure;
use crate::domain::text::clean_line;

use super::notice::say;
use super::{drafts, edit, focus, import, keep, leave, only, palette, runs, save, scroll, search, test, usage};

/// What ends typing, or answers.
pub(super) fn prompt(model: &mut Model, context: Context, answer: Prompt) -> Vec<Effect> {
    match context {
        Context::Filter => only(|| filter(model, answer)),
        Context::Field => only(|| field(model, answer)),
        Context::Body => only(|| test::leave_body(model)),
        Context::Page => only(|| model.overlay = None),
        Context::Palette => palette::prompt(model, answer),
        Context::Range => usage::prompt(model, answer),
        Context::Search => search::prompt(model, answer),
        Context::Question => answered(model, answer),
        Context::Global
        | Context::List
        | Context::Edit
        | Context::Test
        | Context::Usage
        | Context::Events
        | Context::Event
        | Context::Doctor
        | Context::Watch => Vec::new(),
    }
}

fn filter(model: &mut Model, answer: Prompt) {
    model.list.filter.state = FilterState::Set;
    match answer {
        Prompt::Accept | Prompt::Other | Prompt::Complete => {}
        Prompt::Dismiss => model.list.filter.text.clear(),
    }
}

fn field(model: &mut Model, answer: Prompt) {
    match answer {
        Prompt::Accept | Prompt::Other | Prompt::Complete => edit::accept(model),
        Prompt::Dismiss => edit::dismiss(model),
    }
}

fn answered(model: &mut Model, answer: Prompt) -> Vec<Effect> {
    let Some(Overlay::Question(question)) = model.overlay.take() else { return Vec::new() };
    match answer {
        Prompt::Accept => accepted(model, question),
        Prompt::Dismiss => only(|| dismissed(model, &question)),
        Prompt::Other | Prompt::Complete => only(|| other(model, question)),
    }
}

fn accepted(model: &mut Model, question: Question) -> Vec<Effect> {
    match question {
        Question::Delete(ids) => ids.into_iter().map(|id| Effect::Save(Box::new(Change::Remove { id }))).collect(),
        // The draft stays until the program really ends.
        Question::Discard(After::Quit) => leave::quit_over_runs(model),
        Question::Discard(after) => only(|| drafts::go(model, after)),
        Question::OverBudget(subjects, _) => runs::start_all(model, &subjects),
        Question::Quit => vec![Effect::Quit],
        Question::WatchCalls(ids) => only(|| model.runs.watch.calls = ids.into_iter().collect()),
        Question::Paste(import) => only(|| import::accepted(model, import)),
        Question::Replace(export, _) => keep::replace(*export),
        Question::Clash(on_disk) => save::keep_mine(model, on_disk),
        Question::ResetBody => only(|| {
            if let Some(subject) = model.subject() {
                test::reset(model, &subject);
            }
        }),
    }
}

/// "No" to dropping changes shows them.
fn dismissed(model: &mut Model, question: &Question) {
    match question {
        Question::Discard(_) => focus(model, Focus::Workspace, Tab::Edit),
        Question::Replace(..) => say(model, Tone::Info, "nothing was written"),
        Question::Delete(_)
        | Question::Quit
        | Question::Clash(_)
        | Question::ResetBody
        | Question::Paste(_)
        | Question::WatchCalls(_)
        | Question::OverBudget(..) => {}
    }
}

/// Questions without a third answer stay.
fn other(model: &mut Model, question: Question) {
    match question {
        Question::Clash(on_disk) => save::take_theirs(model, on_disk),
        Question::Delete(_)
        | Question::Discard(_)
        | Question::Quit
        | Question::ResetBody
        | Question::Paste(_)
        | Question::Replace(..)
        | Question::WatchCalls(_)
        | Question::OverBudget(..) => {
            model.overlay = Some(Overlay::Question(question));
        }
    }
}

/// Columns that the keys of an action may take before they push aside what it does.
const KEYS: usize = 24;

/// The keys of a context first, then all others.
pub(super) fn help(model: &mut Model, context: Context) {
    let keymap = &model.look.keymap;
    let others = Context::ALL.into_iter().filter(|other| *other != context);
    let keys_of = |row| UnicodeWidthStr::width(keys(row).as_str());
    let columns = keymap.all().iter().map(keys_of).filter(|columns| *columns <= KEYS).max().unwrap_or(0).max(16);
    let sections = std::iter::once(context).chain(others);
    let lines = sections.flat_map(|context| section(keymap, context, columns)).collect();
    model.overlay = Some(Overlay::Help(Page { title: "Keys".to_owned(), lines, top: 0 }));
}

/// The keys of a context, what they do in a column of its own. Keys that no column holds stand for themselves.
fn section(keymap: &Keymap, context: Context, columns: usize) -> Vec<String> {
    let line = |row: &Binding| {
        let keys = if row.chords.is_empty() { "(no key)".to_owned() } else { keys(row) };
        let gap = columns.saturating_sub(keys.width()) + 2;
        format!("  {keys}{}{}", " ".repeat(gap), row.label)
    };
    let rows = keymap.rows(context).map(line);
    std::iter::once(context.title().to_owned()).chain(rows).chain(std::iter::once(String::new())).collect()
}

/// A row's keys as they are written in `[keys]`.
pub(super) fn keys(row: &Binding) -> String {
    row.chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Shows a longer message. A question that is open is not taken away: the message's first line is a notice then.
pub(super) fn message(model: &mut Model, title: &str, lines: &[String]) {
    if let Some(Overlay::Question(_)) = model.overlay {
        let first = lines.first().map_or("", String::as_str);
        return say(model, Tone::Bad, &format!("{title}: {first}"));
    }
    let lines = lines.iter().map(|line| clean_line(line).into_owned()).collect();
    model.overlay = Some(Overlay::Message(Page { title: title.to_owned(), lines, top: 0 }));
}

pub(super) fn failure(model: &mut Model, title: &str, failure: &Failure) {
    let mut lines: Vec<String> = failure.message.lines().map(str::to_owned).collect();
    if !failure.hint.is_empty() {
        lines.push(String::new());
        lines.extend(failure.hint.lines().map(str::to_owned));
    }
    message(model, title, &lines);
}

pub(super) fn previewed(model: &mut Model, result: Result<Page, Failure>) {
    match result {
        Ok(_) if matches!(model.overlay, Some(Overlay::Question(_))) => {}
        Ok(page) => model.overlay = Some(Overlay::Preview(page)),
        Err(problem) => failure(model, "What would be sent", &problem),
    }
}

pub(super) fn copy_page(model: &mut Model) -> Vec<Effect> {
    let text = match &mut model.overlay {
        Some(Overlay::Plain(plain)) => Some(plain.flow.text().to_owned()),
        Some(overlay) => scroll::page_of(overlay).map(|page| page.lines.join("\n")),
        None => None,
    };
    text.map(Effect::Copy).into_iter().collect()
}
