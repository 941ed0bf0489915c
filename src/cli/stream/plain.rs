//! A run for a screen reader: the text as it comes, and every change of state as a line that says it once.

use std::time::Instant;

use super::super::io::Io;
use super::super::test::Told;
use super::retry_line;
use crate::domain::timing::{ReasoningSeen, millis};
use crate::domain::{Delta, Failure, Outcome, RunEvent, UsageSource, text};

/// What was said of a run so far.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    /// When the attempt set out.
    began: Option<Instant>,
    said: Said,
}

/// The last thing that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Said {
    /// Changes of state alone.
    #[default]
    States,
    /// A piece of the reasoning.
    Reasoning,
    /// A piece of the answer.
    Answer,
}

impl Plain {
    /// Tells one event.
    pub(super) fn event(&mut self, io: &mut Io, event: &RunEvent) -> Result<(), Failure> {
        match event {
            RunEvent::Attempt { number, of } => {
                self.began = Some(Instant::now());
                let which = if *of > 1 { format!(", attempt {number} of {of}") } else { String::new() };
                self.state(io, &format!("connecting{which}"));
            }
            RunEvent::Delta(delta) => self.delta(io, delta)?,
            RunEvent::Retry(report) => self.state(io, &retry_line(report)),
            RunEvent::Note(note) => self.state(io, &format!("note: {}", text::clean_line(note))),
            RunEvent::Started { .. }
            | RunEvent::Head(_)
            | RunEvent::Raw(_)
            | RunEvent::Usage(_)
            | RunEvent::Ended(_) => {}
        }
        Ok(())
    }

    fn delta(&mut self, io: &mut Io, delta: &Delta) -> Result<(), Failure> {
        let is_empty = match delta {
            Delta::Answer(piece) | Delta::Refusal(piece) | Delta::Reasoning(piece) => piece.is_empty(),
            Delta::ToolCall(_) => false,
        };
        if let Some(began) = self.began.take_if(|_| !is_empty) {
            self.state(io, &format!("first token after {:.0} ms", millis(began.elapsed())));
        }
        match delta {
            Delta::Answer(piece) | Delta::Refusal(piece) => {
                if self.said == Said::Reasoning {
                    self.state(io, "answer:");
                }
                self.said = Said::Answer;
                io.write(&text::clean(piece))?;
            }
            Delta::Reasoning(piece) => {
                if self.said != Said::Reasoning {
                    self.state(io, "reasoning:");
                }
                self.said = Said::Reasoning;
                io.say_piece(&text::clean(piece));
            }
            Delta::ToolCall(_) => {}
        }
        Ok(())
    }

    /// A state is a line of its own, also in the middle of a text.
    fn state(&mut self, io: &mut Io, state: &str) {
        if self.said != Said::States {
            io.say_piece("\n");
        }
        self.said = Said::States;
        io.say(state);
    }
}

/// Tells how it ended.
pub(crate) fn end(io: &mut Io, told: &Told) -> Result<(), Failure> {
    let Told { transcript, end, .. } = told;
    if !transcript.answer.is_empty() && !transcript.answer.ends_with('\n') {
        io.write("\n")?;
    }
    for call in &transcript.tool_calls {
        io.line(&text::clean(&format!("tool call: {}({})", call.name, call.arguments)))?;
    }
    match (end.outcome, &end.failure) {
        (Outcome::Ok, _) => io.say(&finished(told)),
        (Outcome::Cancelled, _) => io.say("cancelled"),
        (Outcome::Error, Some(failure)) => {
            io.say(&format!("failed, {}: {}", failure.kind, failure.message));
            if !failure.hint.is_empty() {
                io.say(&failure.hint);
            }
        }
        (Outcome::Error, None) => io.say("failed"),
    }
    Ok(())
}

fn finished(Told { transcript, end, .. }: &Told) -> String {
    let about = if end.usage.source == UsageSource::Estimated { "about " } else { "" };
    let seen = if transcript.reasoning.is_empty() { ReasoningSeen::No } else { ReasoningSeen::Yes };
    let parts = [
        end.usage.completion.map(|tokens| format!("{about}{tokens} tokens")),
        end.timing.tokens_per_second(&end.usage, seen).map(|speed| format!("{speed:.0} tokens per second")),
        end.timing.total.map(|total| format!("{:.1} seconds", total.as_secs_f64())),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "finished".to_owned() } else { format!("finished: {}", parts.join(", ")) }
}
