//! The running token panel: what today's runs consumed, live.

use ratatui::widgets::Block;

use crate::app::Model;
use crate::config::theme::Role;
use crate::domain::TokenTotals;

use super::canvas::Canvas;
use super::number::{count, things};
use super::text::Row;

/// Draws the panel: framed where it has the rows, else one line.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    if canvas.height() < 3 {
        let row = canvas.text(Role::Dim, " today ").space(1);
        let row = content(model, row, canvas);
        return canvas.put(0, row);
    }
    let title = Row::new(canvas.width()).space(1).add(canvas.style(Role::Strong), "Tokens");
    let title = title.add(canvas.style(Role::Border), " ─ ").add(canvas.style(Role::Text), "today ");
    let block = Block::bordered().border_set(canvas.styles.border()).border_style(canvas.style(Role::Border));
    let inner = canvas.frame(block.title_top(title.into_line()));
    let mut inside = canvas.part(inner);
    let row = content(model, inside.row().space(1), &inside);
    inside.put(0, row);
}

fn content(model: &Model, row: Row, canvas: &Canvas<'_>) -> Row {
    if let Some(problem) = &model.tokens.problem {
        let row = row.add(canvas.style(Role::Bad), "✗ tokens are not counted: ");
        return row.add(canvas.style(Role::Text), problem);
    }
    let live: u64 = model.runs.all.values().filter(|run| !run.transcript.is_over()).map(|run| run.live.deltas).sum();
    let today = &model.tokens.logged.today;
    let row = input_tokens(today, row, canvas);
    let row = output_tokens(today, live, row, canvas);
    let row = runs(today, row, canvas);
    minutes(model, live, row, canvas)
}

/// Estimated tokens among the reported ones make the sum an estimate.
fn about(is_estimate: Estimate) -> &'static str {
    match is_estimate {
        Estimate::Partly => "~",
        Estimate::No => "",
    }
}

#[derive(Clone, Copy)]
enum Estimate {
    Partly,
    No,
}

fn estimate(uncertain: u64) -> Estimate {
    if uncertain > 0 { Estimate::Partly } else { Estimate::No }
}

fn input_tokens(today: &TokenTotals, row: Row, canvas: &Canvas<'_>) -> Row {
    let mark = about(estimate(today.estimated_runs));
    let row = row.add(canvas.style(Role::Dim), "in ");
    let row = row.add(canvas.style(Role::Strong), &format!("{mark}{}", count(today.prompt)));
    part(today.cached, "cached", row, canvas).space(3)
}

fn output_tokens(today: &TokenTotals, live: u64, row: Row, canvas: &Canvas<'_>) -> Row {
    let mark = about(estimate(today.estimated_runs.saturating_add(live)));
    let row = row.add(canvas.style(Role::Dim), "out ");
    let out = count(today.completion.saturating_add(live));
    let row = row.add(canvas.style(Role::Strong), &format!("{mark}{out}"));
    part(today.reasoning, "reasoning", row, canvas).space(3)
}

/// What of it was cached or reasoning; left out where the line is narrow.
fn part(n: u64, what: &str, row: Row, canvas: &Canvas<'_>) -> Row {
    if n == 0 || canvas.width() < 76 {
        return row;
    }
    row.add(canvas.style(Role::Dim), &format!(" ({what} {})", count(n)))
}

fn runs(today: &TokenTotals, row: Row, canvas: &Canvas<'_>) -> Row {
    let all = usize::try_from(today.runs).unwrap_or(usize::MAX);
    let row = row.add(canvas.style(Role::Text), &things(all, "run"));
    let row = match today.failed {
        0 => row,
        failed => row.space(2).add(canvas.style(Role::Bad), &format!("{failed} failed")),
    };
    match today.estimated_runs {
        runs if runs > 0 && canvas.width() >= 110 => {
            row.space(2).add(canvas.style(Role::Dim), &format!("~ {runs} estimated"))
        }
        _ => row,
    }
}

/// The last minutes and the running one, at the right.
fn minutes(model: &Model, live: u64, row: Row, canvas: &Canvas<'_>) -> Row {
    let mut minutes = model.tokens.logged.per_minute.clone();
    if let Some(now) = minutes.last_mut() {
        *now = now.saturating_add(live);
    }
    let Some(now) = minutes.last().copied() else { return row };
    let rate = format!("{} tok/min", count(now));
    let room = row.left().saturating_sub(rate.len() + 5).min(30);
    let from = minutes.len().saturating_sub(room);
    let bars: String = sparkline(minutes.get(from..).unwrap_or_default());
    let right = canvas.row().add(canvas.style(Role::Accent), &bars).space(1);
    let rate = canvas.row().add(canvas.style(Role::Text), &rate);
    let both = if room >= 6 { right.append(rate.clone()) } else { rate };
    row.space(2).right(both.space(1))
}

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One bar a value, scaled to the largest. The lowest bar is kept for none at all.
fn sparkline(values: &[u64]) -> String {
    let most = u128::from(values.iter().copied().max().unwrap_or(0).max(1));
    let bar = |value: u64| {
        let step = (u128::from(value) * 7).div_ceil(most);
        usize::try_from(step).ok().and_then(|step| BARS.get(step)).copied().unwrap_or('█')
    };
    values.iter().map(|value| bar(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_scaled_to_the_largest_and_nothing_is_the_lowest() {
        assert_eq!(sparkline(&[0, 1, 50, 100]), "▁▂▅█");
        assert_eq!(sparkline(&[0, 0]), "▁▁");
        assert_eq!(sparkline(&[u64::MAX, 0]), "█▁");
    }
}
