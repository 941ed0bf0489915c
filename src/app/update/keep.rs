//! Taking a text out of the screen: to a file, or plain to be selected by hand.

use std::sync::Arc;

use crate::app::effect::{Effect, Existing, Export};
use crate::app::events::copy as event_text;
use crate::app::flow::Flow;
use crate::app::model::{Model, Screen, Subject, Tone};
use crate::app::msg::Wrote;
use crate::app::overlay::{Naming, Overlay, Plain, Question};
use crate::app::test::{ResponseTab, Typing};
use crate::config::keymap::{Chord, Prompt};
use crate::domain::calendar::TimeZone;
use crate::domain::units;

use super::notice::say;
use super::{scroll, test, typing};

/// Asks for the name of the file that what the tab shows goes to.
pub(super) fn ask_name(model: &mut Model, subject: &Subject) {
    let Some((run, tab)) = test::shown(model, subject) else {
        return say(model, Tone::Info, "there is nothing to save here yet");
    };
    let text: Arc<str> = run.text(tab).into();
    let name = format!("{}-{}", run.connector, suffix(tab));
    if text.is_empty() {
        return say(model, Tone::Info, "there is nothing to save here yet");
    }
    model.overlay = Some(Overlay::Name(Naming { name, text }));
}

fn suffix(tab: ResponseTab) -> &'static str {
    match tab {
        ResponseTab::Answer => "answer.txt",
        ResponseTab::Reasoning => "reasoning.txt",
        ResponseTab::Tools => "tools.txt",
        ResponseTab::Events => "events.jsonl",
        ResponseTab::Headers => "headers.txt",
        ResponseTab::Timing => "timing.txt",
    }
}

fn naming(model: &mut Model) -> Option<&mut Naming> {
    match &mut model.overlay {
        Some(Overlay::Name(naming)) => Some(naming),
        Some(
            Overlay::Help(_)
            | Overlay::Preview(_)
            | Overlay::Message(_)
            | Overlay::Palette(_)
            | Overlay::Question(_)
            | Overlay::Plain(_),
        )
        | None => None,
    }
}

/// True while the name of a file is typed.
pub(super) fn is_naming(model: &Model) -> bool {
    matches!(model.overlay, Some(Overlay::Name(_)))
}

pub(super) fn key(model: &mut Model, chord: Chord) {
    if let Some(naming) = naming(model) {
        typing::at_end(&mut naming.name, chord);
    }
}

pub(super) fn paste(model: &mut Model, line: &str) {
    if let Some(naming) = naming(model) {
        naming.name.push_str(line);
    }
}

pub(super) fn prompt(model: &mut Model, answer: Prompt) -> Vec<Effect> {
    let Some(Overlay::Name(naming)) = model.overlay.take() else { return Vec::new() };
    let path = naming.name.trim().to_owned();
    match answer {
        Prompt::Accept if path.is_empty() => {
            say(model, Tone::Info, "nothing was saved: a file needs a name");
            Vec::new()
        }
        Prompt::Accept => {
            vec![Effect::Write(Box::new(Export { path, text: naming.text, existing: Existing::Keep }))]
        }
        Prompt::Dismiss | Prompt::Other | Prompt::Complete => Vec::new(),
    }
}

/// A file was written, or is there already: then the person decides.
pub(super) fn wrote(model: &mut Model, export: Box<Export>, wrote: Wrote) {
    match wrote {
        Wrote::Done(path, size) => say(model, Tone::Good, &format!("{} written to {path}", units::show_size(size))),
        Wrote::Exists(path) if !matches!(model.overlay, Some(Overlay::Question(_))) => {
            model.overlay = Some(Overlay::Question(Question::Replace(export, path)));
        }
        Wrote::Exists(path) => say(model, Tone::Bad, &format!("not saved: {path} is there already")),
        Wrote::Failed(why) => say(model, Tone::Bad, &format!("not saved: {why}")),
    }
}

/// The answer "yes" to replacing a file.
pub(super) fn replace(export: Export) -> Vec<Effect> {
    vec![Effect::Write(Box::new(Export { existing: Existing::Replace, ..export }))]
}

/// Shows what is in view without borders.
pub(super) fn plain(model: &mut Model) {
    let Some(text) = in_view(model).filter(|text| !text.is_empty()) else {
        return say(model, Tone::Info, "there is no text here to show plainly");
    };
    let mut flow = Flow::default();
    flow.push(&text);
    model.overlay = Some(Overlay::Plain(Plain { flow, top: 0 }));
}

/// The text that is read: a page, a run of the event log, the body while it is typed, else the response.
fn in_view(model: &mut Model) -> Option<String> {
    if let Some(overlay) = &mut model.overlay {
        return scroll::page_of(overlay).map(|page| page.lines.join("\n"));
    }
    match model.view.screen {
        Screen::Panes => {}
        Screen::Usage => return None,
        Screen::Watch => {
            let id = model.list.selected.as_ref()?;
            return Some(model.runs.watch.watched.get(id)?.last.as_ref()?.report.text());
        }
        Screen::Events => {
            let pane = model.ledger.events.as_ref()?;
            let zone = pane.window.zone.clone().unwrap_or(TimeZone::UTC);
            return pane.selected().map(|run| event_text::text(run, &zone));
        }
    }
    let subject = model.subject()?;
    let response = test::shown(model, &subject).map(|(run, tab)| run.text(tab)).filter(|text| !text.is_empty());
    let pane = model.tests.get(&subject)?;
    match (pane.typing, response) {
        (Typing::Off, Some(response)) => Some(response),
        (Typing::On, _) | (Typing::Off, None) => Some(pane.text()),
    }
}
