//! Carries out what the screen orders.
//!
//! What takes time becomes a task whose answer is a message; what only the owner of the terminal can do is
//! handed back as a [`Deed`]. It must not decide anything: orders and answers are the model's affair.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::clinic::Clinic;
use super::clipboard::{self, Clipboard};
use super::files::Files;
use super::pool::Pool;
use super::runner::Runner;
use super::{editor, export, picture};
use crate::app::effect::Export;
use crate::app::model::{Look, Mouse, Subject};
use crate::app::msg::{ConfigMsg, Errand};
use crate::app::question::Question;
use crate::app::{Effect, Msg};
use crate::domain::RunId;

/// An answer to an order.
#[derive(Debug)]
pub(super) enum Answer {
    /// What the model is told.
    Msg(Msg),
    /// What the model is told of the configuration, and the keys and colours it has.
    Config(ConfigMsg, Look),
    /// tmux could not copy this text: the terminal shall.
    CopyHere(String),
}

/// What is left for the owner of the terminal to do.
#[derive(Debug)]
pub(super) enum Deed {
    /// Nothing.
    Done,
    /// Tell the model at once.
    Tell(Msg),
    /// Give the terminal away and call [`Hands::edit`].
    Edit(Subject, String),
    /// Ask the terminal to copy.
    CopyHere(String),
    /// Take the mouse, or leave it to the terminal.
    Mouse(Mouse),
    /// Draw a picture and call [`Hands::keep`].
    Picture,
    /// Leave the terminal to the shell.
    Suspend,
    /// Clear and draw everything.
    Redraw,
    /// End the program.
    Quit,
}

/// The person's tools, from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tools {
    /// The editor's command.
    pub(super) editor: String,
    /// Who copies.
    pub(super) clipboard: Clipboard,
    /// Whether the program runs inside of tmux.
    pub(super) tmux: Multiplexer,
    /// What `~` stands for in a name that was typed.
    pub(super) home: Option<String>,
}

/// Whether there is a tmux around the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Multiplexer {
    /// tmux.
    Tmux,
    /// None that is known.
    None,
}

/// Carries out orders.
pub(super) struct Hands {
    pool: Pool,
    clinic: Clinic,
    runner: Arc<dyn Runner>,
    files: Arc<Files>,
    tools: Tools,
    answers: Sender<Answer>,
    /// Waited for at the end.
    saves: TaskTracker,
    /// Given up at the end.
    errands: TaskTracker,
}

impl Hands {
    /// Hands that answer through `answers`.
    pub(super) fn new(pool: Pool, runner: Arc<dyn Runner>, office: Office, answers: Sender<Answer>) -> Self {
        let Office { files, tools } = office;
        let clinic = Clinic::new(Arc::clone(&runner), answers.clone());
        Self { pool, clinic, runner, files, tools, answers, saves: TaskTracker::new(), errands: TaskTracker::new() }
    }

    /// Carries out one order.
    pub(super) fn act(&mut self, effect: Effect) -> Deed {
        match effect {
            Effect::Start(start) => self.pool.start(*start),
            Effect::Cancel(run) => return self.cancel(run),
            Effect::Examine(examine) => self.clinic.examine(*examine),
            Effect::StopExamination(run) => self.clinic.stop(run),
            Effect::Save(change) => {
                let (files, answers) = (Arc::clone(&self.files), self.answers.clone());
                self.saves.spawn_blocking(move || files.save(&change, &answers));
            }
            Effect::Preview(start) => return Deed::Tell(Msg::Errand(Errand::Previewed(self.runner.preview(*start)))),
            Effect::Edit(subject, text) => return Deed::Edit(subject, text),
            Effect::Copy(text) => return self.copy(text),
            Effect::Write(export) => self.write(*export),
            Effect::Mouse(mouse) => return Deed::Mouse(mouse),
            Effect::Ask(question) => self.ask(*question),
            Effect::Picture => return Deed::Picture,
            Effect::Suspend => return Deed::Suspend,
            Effect::Redraw => return Deed::Redraw,
            Effect::Quit => return Deed::Quit,
        }
        Deed::Done
    }

    fn ask(&self, question: Question) {
        let (files, answers) = (Arc::clone(&self.files), self.answers.clone());
        self.errands.spawn_blocking(move || files.answer(question, &answers));
    }

    fn cancel(&mut self, run: RunId) -> Deed {
        match self.pool.cancel(run) {
            Some((run, events)) => {
                self.usage_changed();
                Deed::Tell(Msg::Run(run, events))
            }
            None => Deed::Done,
        }
    }

    fn copy(&mut self, text: String) -> Deed {
        let wish = self.tools.clipboard;
        match (wish, self.tools.tmux) {
            (Clipboard::Off, _) => return Deed::Tell(Msg::Errand(Errand::Copied(Err(clipboard::IS_OFF.to_owned())))),
            (Clipboard::Osc52, _) | (Clipboard::Auto, Multiplexer::None) => return Deed::CopyHere(text),
            (Clipboard::Tmux, _) | (Clipboard::Auto, Multiplexer::Tmux) => {}
        }
        self.answer(async move {
            match clipboard::tmux(&text).await {
                Err(_refused) if wish == Clipboard::Auto => Answer::CopyHere(text),
                told => Answer::Msg(Msg::Errand(Errand::Copied(told))),
            }
        });
        Deed::Done
    }

    /// Writes a text to a file. Waited for at the end, as a save is.
    fn write(&self, export: Export) {
        let (home, answers) = (self.tools.home.clone(), self.answers.clone());
        self.saves.spawn_blocking(move || {
            let wrote = export::write(&export, home.as_deref());
            // A closed channel means that the program ends.
            answers.blocking_send(Answer::Msg(Msg::Errand(Errand::Wrote(Box::new(export), wrote)))).ok();
        });
    }

    /// Opens the editor. The terminal must have been given away before.
    pub(super) fn edit(&mut self, subject: Subject, text: String) {
        let editor = self.tools.editor.clone();
        self.answer(async move { Answer::Msg(Msg::Errand(Errand::Edited(subject, editor::edit(editor, text).await))) });
    }

    /// Keeps a picture in a new file where the program was started.
    pub(super) fn keep(&self, picture: String) {
        self.answer(async move {
            let kept = tokio::task::spawn_blocking(move || picture::keep(&picture)).await;
            Answer::Msg(Msg::Errand(Errand::Copied(kept.unwrap_or_else(|error| Err(error.to_string())))))
        });
    }

    /// Another limit for runs at once.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.pool.set_limit(limit);
    }

    /// Looks whether the files changed. Off the interface's thread: a file system may hang.
    pub(super) fn look(&self) {
        let (files, answers) = (Arc::clone(&self.files), self.answers.clone());
        self.errands.spawn_blocking(move || {
            files.look(&answers);
            files.usage(&answers);
        });
    }

    /// A run ended: the figures are asked for without waiting for the next look.
    pub(super) fn usage_changed(&self) {
        if self.files.want_usage() {
            let (files, answers) = (Arc::clone(&self.files), self.answers.clone());
            self.errands.spawn_blocking(move || files.usage(&answers));
        }
    }

    /// Waits until a run's task is over and its place is taken by the next.
    pub(super) async fn next_end(&mut self) {
        self.pool.next_end().await;
        self.usage_changed();
    }

    /// Ends everything: runs are cancelled and recorded, changes written, the event log made durable. Each
    /// part has a deadline, so that a dead name server or disk does not hold the person's shell.
    pub(super) async fn close(mut self, patience: Duration) {
        drop(self.answers);
        self.clinic.close(patience).await;
        self.pool.cancel_all();
        let stop = async {
            while !self.pool.is_empty() {
                self.pool.next_end().await;
            }
        };
        if timeout(patience, stop).await.is_err() {
            self.pool.abandon();
        }
        self.saves.close();
        // What is not written by now never will be; the shell matters more.
        timeout(patience, self.saves.wait()).await.ok();
        let flush = tokio::task::spawn_blocking(move || {
            self.files.flush();
            self.files.forget();
        });
        timeout(patience, flush).await.ok();
    }

    fn answer(&self, task: impl Future<Output = Answer> + Send + 'static) {
        let answers = self.answers.clone();
        self.errands.spawn(async move {
            // A closed channel means that the program ends.
            answers.send(task.await).await.ok();
        });
    }
}

/// What the hands work with.
pub(super) struct Office {
    /// The configuration and the event log.
    pub(super) files: Arc<Files>,
    /// The person's tools.
    pub(super) tools: Tools,
}
