//! Times and tokens of a run, each with what it means.

use crate::app::runs::{COUNTS, RunView, TIMES, TIMING_PAIRS};
use crate::config::theme::Role;
use crate::domain::{Timing, Usage, UsageSource};
use crate::ui::canvas::Canvas;
use crate::ui::number::{self, UNKNOWN, span_or_dash};
use crate::ui::state;
use crate::ui::text::Row;

/// From this width on each figure is explained.
const WITH_WORDS: usize = 54;

/// A figure, its value and what it means.
type Figure = (&'static str, String, &'static str);

/// The page: one column with words, or two without where there are few rows.
pub(super) fn rows(run: &RunView, canvas: &Canvas<'_>) -> Vec<Row> {
    let (times, tokens) = (times(run), tokens(&run.transcript.usage));
    let text_columns = canvas.area.width.saturating_sub(1);
    if canvas.height() <= TIMES + COUNTS && text_columns >= TIMING_PAIRS {
        return side_by_side(&times, &tokens, canvas);
    }
    let line = |figure: &Figure| line(figure, canvas);
    times.iter().map(line).chain([canvas.row()]).chain(tokens.iter().map(line)).collect()
}

fn side_by_side(times: &[Figure], tokens: &[Figure], canvas: &Canvas<'_>) -> Vec<Row> {
    let pair = |(at, time): (usize, &Figure)| {
        let row = figure(canvas.row().space(1), time, canvas).space(3);
        match tokens.get(at) {
            Some(token) => figure(row, token, canvas),
            None => row,
        }
    };
    times.iter().enumerate().map(pair).collect()
}

fn times(run: &RunView) -> [Figure; TIMES] {
    let timing = run.transcript.end.as_ref().map_or_else(|| so_far(run), |end| end.timing);
    let speed = state::speed(run).unwrap_or_else(|| UNKNOWN.to_owned());
    let [queue, dns, connect, tls, first_byte, first_token, first_answer, total] = spans(&timing);
    let speed = ("tokens/s", speed, "(tokens − 1) / (last token − first token)");
    [queue, dns, connect, tls, first_byte, first_token, first_answer, total, speed]
}

/// What is known while the run lives.
fn so_far(run: &RunView) -> Timing {
    let queue = run.started.and_then(|started| started.checked_sub(run.asked));
    let first_byte = run.transcript.head.as_ref().map(|head| head.at);
    Timing { queue, first_byte, first_token: state::first_token(run), ..Timing::default() }
}

fn spans(timing: &Timing) -> [Figure; TIMES - 1] {
    let span = span_or_dash;
    [
        ("queue", span(timing.queue), "waiting for a place in the pool"),
        ("dns", span(timing.dns), "resolving the name; none on a reused connection"),
        ("connect", span(timing.connect), "opening the connection"),
        ("tls", span(timing.tls), "the TLS handshake"),
        ("first byte", span(timing.first_byte), "set out to first byte, connecting included"),
        ("first token", span(timing.first_token), "to the first output of any kind"),
        ("first answer", span(timing.first_answer), "to the first answer text, reasoning apart"),
        ("total", span(timing.total), "to the end of the run"),
    ]
}

fn tokens(usage: &Usage) -> [Figure; COUNTS] {
    let mark = about(usage.source);
    let count = |n: Option<u64>| n.map_or_else(|| UNKNOWN.to_owned(), |n| format!("{mark}{}", number::count(n)));
    [
        ("prompt", count(usage.prompt), "tokens sent"),
        ("cached", count(usage.cached), "of the prompt, read from the provider's cache"),
        ("completion", count(usage.completion), "tokens received"),
        ("reasoning", count(usage.reasoning), "of the completion, spent on reasoning"),
        ("total", count(usage.total), "prompt and completion"),
        ("source", usage.source.word().to_owned(), source_meaning(usage.source)),
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

fn figure(row: Row, (label, value, _meaning): &Figure, canvas: &Canvas<'_>) -> Row {
    let row = row.column(canvas.style(Role::Dim), label, 12);
    row.right_column(canvas.style(Role::Strong), value, 10)
}

fn line(figure: &Figure, canvas: &Canvas<'_>) -> Row {
    let meaning = figure.2;
    let row = self::figure(canvas.row().space(1), figure, canvas);
    if canvas.width() < WITH_WORDS { row } else { row.space(3).add(canvas.style(Role::Dim), meaning) }
}
