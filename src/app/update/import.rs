//! A pasted curl command: offered as a new connector, and opened as one.

use crate::app::edit::EditPane;
use crate::app::model::{Model, Subject};
use crate::app::overlay::{After, Import, Overlay, Question};
use crate::app::test::{BodyOrigin, TestPane};
use crate::config::keymap::Context;
use crate::domain::curl::{self, Curl};
use crate::domain::{ConnectorId, ErrorKind, Failure, Provider};

use super::{drafts, overlay};

/// Asks whether a paste shall become a connector. False where it is none, or is typed into something.
pub(super) fn offer(model: &mut Model, text: &str) -> bool {
    let context = model.context();
    if context.is_typing() || matches!(context, Context::Question | Context::Page) || !curl::is_meant(text) {
        return false;
    }
    match curl::read(text) {
        Ok(curl) => {
            let import = Box::new(import(model, curl));
            model.overlay = Some(Overlay::Question(Question::Paste(import)));
        }
        Err(problem) => {
            let hint = "copy the whole command, with every line of it, and paste again";
            let failure = Failure::new(ErrorKind::Config, problem.to_string(), hint);
            overlay::failure(model, "The pasted curl command", &failure);
        }
    }
    true
}

fn import(model: &Model, curl: Curl) -> Import {
    let mut draft = curl.draft();
    draft.id = drafts::free_id(&model.config.config.entries, &ConnectorId::suggest(&draft.name));
    let body = curl.body.map(|body| super::typing::lines(&body));
    let named = body.as_deref().and_then(|body| TestPane::new(body).check.ok()?.model);
    match (draft.provider, named) {
        // There the deployment names the model.
        (Provider::AzureOpenAi, _) | (_, None) => {}
        (Provider::OpenAi | Provider::Other, Some(named)) => draft.default_model = named,
    }
    Import { draft, body, left_out: curl.left_out }
}

/// Opens it, not saved, the body in its test pane.
pub(super) fn open(model: &mut Model, import: Import) {
    drafts::show(model, EditPane::create(import.draft));
    let Some(body) = import.body else { return };
    let mut pane = TestPane::new("");
    pane.set_text(&body, BodyOrigin::Typed);
    model.tests.insert(Subject::Draft, pane);
}

/// What the answer "yes" leads to.
pub(super) fn accepted(model: &mut Model, import: Box<Import>) {
    drafts::begin(model, After::Import(import));
}
