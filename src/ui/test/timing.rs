//! Times and tokens of a run, each with what it means.

use crate::app::runs::RunView;
use crate::config::theme::Role;
use crate::domain::{Timing, Usage, UsageSource};
use crate::ui::canvas::Canvas;
use crate::ui::number::{UNKNOWN, count_or_dash, span_or_dash};
use crate::ui::state;
use crate::ui::text::Row;

/// From this width on each figure is explained.
const WITH_WORDS: usize = 54;

/// The page.
pub(super) fn rows(run: &RunView, canvas: &Canvas<'_>) -> Vec<Row> {
    let timing = run.transcript.end.as_ref().map_or_else(|| so_far(run), |end| end.timing);
    let mut rows = Vec::new();
    if !run.transcript.is_over() {
        rows.push(canvas.row().space(1).add(canvas.style(Role::Dim), "complete once the run is over"));
    }
    rows.extend(times(&timing).into_iter().map(|(label, value, meaning)| line(label, &value, meaning, canvas)));
    let speed = state::speed(run).unwrap_or_else(|| UNKNOWN.to_owned());
    let meaning = "(tokens − 1) / (last token − first token)";
    rows.push(line("tokens/s", &speed, meaning, canvas));
    rows.push(canvas.row());
    let usage = &run.transcript.usage;
    let mark = about(usage.source);
    rows.extend(tokens(usage).into_iter().map(|(label, n, meaning)| {
        let shown = count_or_dash(n);
        let value = if n.is_some() { format!("{mark}{shown}") } else { shown };
        line(label, &value, meaning, canvas)
    }));
    rows.push(line("source", usage.source.word(), source_meaning(usage.source), canvas));
    rows
}

/// What is known while the run lives.
fn so_far(run: &RunView) -> Timing {
    let queue = run.started.and_then(|started| started.checked_sub(run.asked));
    let first_byte = run.transcript.head.as_ref().map(|head| head.at);
    Timing { queue, first_byte, first_token: state::first_token(run), ..Timing::default() }
}

fn times(timing: &Timing) -> [(&'static str, String, &'static str); 8] {
    let span = span_or_dash;
    [
        ("queue", span(timing.queue), "waiting for a place in the pool"),
        ("dns", span(timing.dns), "resolving the name; none when a connection was reused"),
        ("connect", span(timing.connect), "opening the connection"),
        ("tls", span(timing.tls), "the TLS handshake"),
        ("first byte", span(timing.first_byte), "request written to first byte of the response"),
        ("first token", span(timing.first_token), "to the first output of any kind"),
        ("first answer", span(timing.first_answer), "to the first answer text, reasoning apart"),
        ("total", span(timing.total), "to the end of the run"),
    ]
}

fn tokens(usage: &Usage) -> [(&'static str, Option<u64>, &'static str); 5] {
    [
        ("prompt", usage.prompt, "tokens sent"),
        ("cached", usage.cached, "of the prompt, read from the provider's cache"),
        ("completion", usage.completion, "tokens received"),
        ("reasoning", usage.reasoning, "of the completion, spent on reasoning"),
        ("total", usage.total, "prompt and completion"),
    ]
}

fn about(source: UsageSource) -> &'static str {
    match source {
        UsageSource::Estimated => "~",
        UsageSource::Reported | UsageSource::None => "",
    }
}

fn source_meaning(source: UsageSource) -> &'static str {
    match source {
        UsageSource::Reported => "the server stated the tokens",
        UsageSource::Estimated => "counted here with a tokenizer: the server stated none",
        UsageSource::None => "no tokens known",
    }
}

fn line(label: &str, value: &str, meaning: &str, canvas: &Canvas<'_>) -> Row {
    let row = canvas.row().space(1).column(canvas.style(Role::Dim), label, 13);
    let row = row.right_column(canvas.style(Role::Strong), value, 10);
    if canvas.width() < WITH_WORDS { row } else { row.space(3).add(canvas.style(Role::Dim), meaning) }
}
