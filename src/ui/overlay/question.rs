//! A question: what it is about, and which key answers what.

use crate::app::Model;
use crate::app::overlay::{After, Import, Question};
use crate::config::keymap::{Action, Context, Prompt};
use crate::config::theme::Role;
use crate::domain::draft::key_may_be_shown;
use crate::domain::units::show_duration;
use crate::domain::{Connector, ConnectorId, Draft, Field, SecretText};
use crate::ui::canvas::Canvas;
use crate::ui::hints::key_name;
use crate::ui::number::{bytes, things};
use crate::ui::text::{Row, wrap};

/// Columns of the box's text.
const COLUMNS: usize = 64;
/// Differing fields that are told.
const DIFFERENCES: usize = 6;
/// Connectors that are named before they are only counted.
const NAMES: usize = 5;
/// What is not carried over that is told.
const LEFT_OUT: usize = 5;

/// A question in words.
struct Asked {
    title: &'static str,
    text: Vec<String>,
    differences: Vec<Difference>,
    yes: &'static str,
    no: &'static str,
    other: Option<&'static str>,
}

struct Difference {
    key: &'static str,
    mine: String,
    theirs: String,
}

/// Draws the question; returns columns and rows of its inside.
pub(super) fn draw(model: &Model, question: &Question, canvas: &mut Canvas<'_>) -> (u16, u16) {
    let asked = ask(model, question);
    let columns = COLUMNS.min(canvas.width().saturating_sub(4));
    let text: Vec<String> = asked.text.iter().flat_map(|line| wrap(line, columns, 4)).collect();
    let rows = text.len() + asked.differences.len() * 3 + 2;
    let inner = super::open(asked.title, (columns, rows), canvas);
    let mut inside = canvas.part(inner);
    let last = inside.height().saturating_sub(1);
    let mut lines: Vec<Row> = text.iter().map(|line| inside.text(Role::Text, line)).collect();
    lines.extend(asked.differences.iter().flat_map(|difference| difference_rows(difference, &inside)));
    // Nobody shall answer what could not be read without knowing it.
    if lines.len() > last && last > 0 {
        let more = things(lines.len() + 1 - last, "line");
        lines.truncate(last - 1);
        lines.push(inside.text(Role::Warning, &format!("… {more} more: a larger terminal shows them")));
    }
    for (y, line) in lines.into_iter().enumerate() {
        inside.put(y, line);
    }
    let answers = answers(model, &asked, &inside);
    inside.put(last, answers);
    (inner.width, inner.height)
}

fn difference_rows(difference: &Difference, canvas: &Canvas<'_>) -> [Row; 3] {
    let side = |label: &str, text: &str| {
        canvas.row().space(2).column(canvas.style(Role::Dim), label, 8).add(canvas.style(Role::Text), text)
    };
    [canvas.text(Role::Strong, difference.key), side("mine", &difference.mine), side("on disk", &difference.theirs)]
}

fn answers(model: &Model, asked: &Asked, canvas: &Canvas<'_>) -> Row {
    let answers = [(Prompt::Accept, Some(asked.yes)), (Prompt::Other, asked.other), (Prompt::Dismiss, Some(asked.no))];
    answers.into_iter().filter_map(|(prompt, said)| Some((prompt, said?))).fold(canvas.row(), |row, (prompt, said)| {
        let key = key_name(model, Context::Question, Action::Prompt(prompt));
        row.add(canvas.style(Role::Accent), &key).space(1).add(canvas.style(Role::Text), said).space(3)
    })
}

fn ask(model: &Model, question: &Question) -> Asked {
    match question {
        Question::Delete(ids) => match ids.as_slice() {
            [id] => plain("Delete", format!("Delete \"{id}\" from the file?"), "delete", "keep"),
            ids => delete_all(ids),
        },
        Question::Discard(after) => plain("Unsaved changes", discard(after), "drop the changes", "go on editing"),
        Question::Quit => quit(model.runs.alive(), model.runs.examining()),
        Question::ResetBody => {
            plain("Body", "Put back the first body? What was typed is lost.".to_owned(), "put back", "keep")
        }
        Question::Paste(import) => paste(import),
        Question::Replace(_, path) => {
            plain("Save", format!("{path} is there already. Replace it?"), "replace", "keep it")
        }
        Question::OverBudget(_, told) => plain("Budget", format!("{told}. Run anyway?"), "run", "leave it"),
        Question::WatchCalls(connectors) => watch_calls(model, connectors.len()),
        Question::Clash(theirs) => clash(model, theirs.as_deref()),
    }
}

fn watch_calls(model: &Model, connectors: usize) -> Asked {
    let every = show_duration(model.runs.watch.every);
    let text = format!(
        "Probe {} by two short calls each, every {every}? They consume tokens, which may have a price.",
        things(connectors, "connector")
    );
    plain("Watch", text, "make calls", "stay with the stages that cost nothing")
}

/// How many, and the first few.
fn delete_all(ids: &[ConnectorId]) -> Asked {
    let names: Vec<String> = ids.iter().take(NAMES).map(ToString::to_string).collect();
    let more = match ids.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!("Delete {} connectors from the file? {}{more}", ids.len(), names.join(", "));
    plain("Delete", text, "delete all", "keep")
}

/// What a pasted command was understood as. The key is never shown.
fn paste(import: &Import) -> Asked {
    let draft = &import.draft;
    let mut text = vec![
        format!("A curl command was pasted. Open it as the new connector \"{}\"? Nothing is saved yet.", draft.id),
        format!("url       {}", draft.url),
        format!("provider  {}", draft.provider),
    ];
    if !draft.default_model.is_empty() {
        text.push(format!("model     {}", draft.default_model));
    }
    text.push(format!("key       {}", key_told(draft)));
    let names: Vec<&str> = draft.headers.iter().map(|header| header.name.as_str()).collect();
    if !names.is_empty() {
        text.push(format!("headers   {}", names.join(", ")));
    }
    let body = import.body.as_ref().map_or_else(|| "none".to_owned(), |body| bytes(body.len() as u64));
    text.push(format!("body      {body}"));
    text.extend(import.left_out.iter().take(LEFT_OUT).map(|left| format!("not carried over: {left}")));
    match import.left_out.len().saturating_sub(LEFT_OUT) {
        0 => {}
        more => text.push(format!("and {more} more that are not carried over")),
    }
    Asked { text, ..plain("Pasted command", String::new(), "open it", "leave it") }
}

fn key_told(draft: &Draft) -> String {
    let key = &draft.auth.api_key;
    match (key.expose().is_empty(), key_may_be_shown(key)) {
        (true, _) => "none".to_owned(),
        (false, true) => key.expose().to_owned(),
        (false, false) => "as pasted, not shown".to_owned(),
    }
}

/// Runs may end while the question is open.
fn quit(alive: usize, examining: usize) -> Asked {
    let what = match (alive, examining) {
        (0, 0) => return plain("Quit", "Every run has ended. Quit?".to_owned(), "quit", "stay"),
        (alive, 0) => things(alive, "run"),
        (0, examining) => things(examining, "examination"),
        (alive, examining) => format!("{} and {}", things(alive, "run"), things(examining, "examination")),
    };
    let still = if alive + examining == 1 { "is" } else { "are" };
    plain("Quit", format!("{what} {still} alive. Cancel and quit?"), "cancel and quit", "stay")
}

fn plain(title: &'static str, text: String, yes: &'static str, no: &'static str) -> Asked {
    Asked { title, text: vec![text], differences: Vec::new(), yes, no, other: None }
}

fn discard(after: &After) -> String {
    let then = match after {
        After::Close => String::new(),
        After::Quit => " and quit".to_owned(),
        After::Edit(id) => format!(" and edit \"{id}\""),
        After::New => " and begin a new connector".to_owned(),
        After::Duplicate(id) => format!(" and copy \"{id}\""),
        After::Import(_) => " and open the pasted command".to_owned(),
    };
    format!("The connector has changes that are not saved. Drop them{then}?")
}

fn clash(model: &Model, theirs: Option<&Connector>) -> Asked {
    let title = "Changed on disk";
    let Some(theirs) = theirs else {
        let text = "The connector was removed from the file while it was edited here.".to_owned();
        let other = Some("drop mine");
        return Asked { other, ..plain(title, text, "save mine again", "go on editing") };
    };
    let differences = match &model.edit {
        Some(edit) => differences(&edit.draft, &Draft::from(theirs)),
        None => Vec::new(),
    };
    let mut text = vec!["The connector changed in the file while it was edited here.".to_owned()];
    match differences.len().saturating_sub(DIFFERENCES) {
        0 => {}
        more => text.push(format!("{more} more fields differ.")),
    }
    let differences = differences.into_iter().take(DIFFERENCES).collect();
    let (yes, other, no) = ("keep mine", Some("take theirs"), "go on editing");
    Asked { title, text, differences, yes, no, other }
}

fn differences(mine: &Draft, theirs: &Draft) -> Vec<Difference> {
    let differs = |field: &Field| mine.text(*field) != theirs.text(*field);
    let said = |draft: &Draft, field| match shown(draft, field) {
        text if text.is_empty() => "(empty)".to_owned(),
        text => text,
    };
    let difference =
        |field: Field| Difference { key: field.key(), mine: said(mine, field), theirs: said(theirs, field) };
    Field::ALL.into_iter().filter(differs).map(difference).collect()
}

fn shown(draft: &Draft, field: Field) -> String {
    if field.is_secret() && !key_may_be_shown(&SecretText::new(draft.text(field))) {
        return "(a typed key)".to_owned();
    }
    draft.shown(field)
}
