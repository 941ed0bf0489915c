//! The running token panel: what today's runs consumed, live.

use ratatui::widgets::Block;

use crate::app::runs::RunView;
use crate::app::{Model, tokens_today};
use crate::config::theme::Role;
use crate::domain::budget::Level;
use crate::domain::{Spending, Totals};

use super::canvas::Canvas;
use super::number::{count, things};
use super::text::Row;

/// How much is told, by the room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Everything.
    Full,
    /// Everything, close together.
    Close,
    /// What was cached and reasoned is left out.
    Short,
    /// Tokens alone, and how full the fullest budget is.
    Least,
}

impl Form {
    fn gap(self) -> usize {
        match self {
            Self::Full => 3,
            Self::Close | Self::Short | Self::Least => 2,
        }
    }
}

/// Draws the panel: framed where it has the rows, else one line.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    if canvas.height() < 3 {
        let row = content(model, (behind(model, canvas), " today  "), canvas);
        return canvas.put(0, row);
    }
    let title = Row::new(canvas.width()).space(1).add(canvas.style(Role::Strong), "Tokens");
    let title = title.add(canvas.style(Role::Border), " ─ ").add(canvas.style(Role::Text), "today ");
    let block = Block::bordered().border_set(canvas.styles.border()).border_style(canvas.style(Role::Border));
    let title = match &model.ledger.panel.logged.notice {
        Some(notice) => title.add(canvas.style(Role::Warning), &format!("─ ! {notice} ")),
        None => title,
    };
    let inner = canvas.frame(block.title_top(title.into_line()));
    let mut inside = canvas.part(inner);
    let row = content(model, (inside.row(), " "), &inside);
    inside.put(0, row);
}

fn content(model: &Model, (row, lead): (Row, &str), canvas: &Canvas<'_>) -> Row {
    if let Some(problem) = &model.ledger.panel.problem {
        let row = canvas.text(Role::Bad, " ✗ tokens are not counted: ");
        return row.add(canvas.style(Role::Text), problem);
    }
    let forms = [Form::Full, Form::Close, Form::Short, Form::Least];
    let fits = |form: &Form| {
        let figures = figures(model, lead, *form, canvas).width();
        let needed = row.width() + figures + 2 + rate(model, *form).map_or(0, |rate| rate.len() + 1);
        needed <= canvas.width()
    };
    let form = forms.into_iter().find(fits).unwrap_or(Form::Least);
    let row = row.append_cut(figures(model, lead, form, canvas));
    minutes(model, form, row, canvas)
}

/// In one line there is no room for why the team's log is behind, but for that it is.
fn behind(model: &Model, canvas: &Canvas<'_>) -> Row {
    match &model.ledger.panel.logged.notice {
        Some(_) => canvas.text(Role::Warning, " ! team log behind "),
        None => canvas.row(),
    }
}

/// The figures, as wide as they are.
fn figures(model: &Model, lead: &str, form: Form, canvas: &Canvas<'_>) -> Row {
    let today = tokens_today(model);
    let lead = if form == Form::Full { lead } else { " " };
    let row = Row::new(WIDEST).add(canvas.style(Role::Dim), lead);
    let row = input_tokens(&today, form, row, canvas).space(form.gap());
    let row = output_tokens(&today, (deltas(model), form), row, canvas);
    let budgets = &model.ledger.panel.logged.budgets;
    match form {
        Form::Full | Form::Close | Form::Short => runs((&today, budgets), form, row.space(form.gap()), canvas),
        Form::Least => budget(budgets, form, row, canvas),
    }
}

/// No figures are wider than this.
const WIDEST: usize = 400;

/// Output of runs that are alive and whose server stated no usage yet: about one token a delta.
fn deltas(model: &Model) -> u64 {
    let unstated = |run: &&RunView| run.is_alive() && run.transcript.usage.completion.is_none();
    model.runs.all.values().filter(unstated).map(|run| run.live.deltas).sum()
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

fn input_tokens(today: &Totals, form: Form, row: Row, canvas: &Canvas<'_>) -> Row {
    let mark = about(estimate(today.runs.estimated));
    let row = row.add(canvas.style(Role::Dim), "in ");
    let row = row.add(canvas.style(Role::Strong), &format!("{mark}{}", count(today.tokens.prompt)));
    // Only servers say what was cached.
    part((today.tokens.cached, "cached"), ("", form), row, canvas)
}

fn output_tokens(today: &Totals, (live, form): (u64, Form), row: Row, canvas: &Canvas<'_>) -> Row {
    let mark = about(estimate(today.runs.estimated.saturating_add(live)));
    let row = row.add(canvas.style(Role::Dim), "out ");
    let row = row.add(canvas.style(Role::Strong), &format!("{mark}{}", count(today.tokens.completion)));
    // Live output is counted as a whole; only what is recorded has a part that may be an estimate.
    let mark = about(estimate(today.runs.estimated));
    part((today.tokens.reasoning, "reasoning"), (mark, form), row, canvas)
}

/// What of it was cached or reasoning.
fn part((n, what): (u64, &str), (mark, form): (&str, Form), row: Row, canvas: &Canvas<'_>) -> Row {
    match form {
        Form::Full | Form::Close if n > 0 => row.add(canvas.style(Role::Dim), &format!(" ({what} {mark}{})", count(n))),
        Form::Full | Form::Close | Form::Short | Form::Least => row,
    }
}

/// What was spent, where anything is known of it.
fn cost(today: &Totals, form: Form, row: Row, canvas: &Canvas<'_>) -> Row {
    let mark = about(estimate(today.runs.estimated));
    let told = match (today.cost.usd(), form) {
        (Some(usd), Form::Close | Form::Short | Form::Least) if today.cost.unpriced > 0 => format!("{mark}{usd}+"),
        (Some(_), _) => format!("{mark}{}", today.cost.told()),
        (None, Form::Full) if today.cost.unpriced > 0 => "cost unknown".to_owned(),
        (None, _) => return row,
    };
    row.space(2).add(canvas.style(Role::Strong), &told)
}

/// Columns of a budget's bar.
const BAR: u64 = 8;

/// The fullest budget: a bar, how full, and a word where it needs a look.
fn budget(budgets: &[Spending], form: Form, row: Row, canvas: &Canvas<'_>) -> Row {
    let Some(fullest) = budgets.iter().max_by_key(|spending| spending.percent()) else { return row };
    let (role, word) = match fullest.level() {
        Level::Fine => (Role::Good, ""),
        Level::Near => (Role::Warning, " !"),
        Level::Spent => (Role::Bad, " spent"),
    };
    let percent = fullest.percent();
    let full = usize::try_from((percent * BAR).div_ceil(100).min(BAR)).unwrap_or(0);
    let bar = format!("{}{}", "█".repeat(full), "·".repeat(usize::try_from(BAR).unwrap_or(0) - full));
    let name = &fullest.budget.name;
    let row = row.space(2);
    match form {
        Form::Full | Form::Close => {
            let row = row.add(canvas.style(Role::Dim), &format!("{name} ")).add(canvas.style(role), &bar);
            row.add(canvas.style(role), &format!(" {percent} %{word}"))
        }
        Form::Short | Form::Least => row.add(canvas.style(role), &format!("{name} {percent} %{word}")),
    }
}

fn runs((today, model_budgets): (&Totals, &[Spending]), form: Form, row: Row, canvas: &Canvas<'_>) -> Row {
    let all = usize::try_from(today.runs.all).unwrap_or(usize::MAX);
    let row = row.add(canvas.style(Role::Text), &things(all, "run"));
    let failed = match form {
        Form::Full | Form::Short => format!("{} failed", today.runs.failed),
        Form::Close | Form::Least => format!("✗ {}", today.runs.failed),
    };
    let row = if today.runs.failed == 0 { row } else { row.space(2).add(canvas.style(Role::Bad), &failed) };
    let row = budget(model_budgets, form, cost(today, form, row, canvas), canvas);
    match form {
        Form::Full if today.runs.estimated > 0 => {
            row.space(2).add(canvas.style(Role::Dim), &format!("~ {} estimated", today.runs.estimated))
        }
        Form::Full | Form::Close | Form::Short | Form::Least => row,
    }
}

/// Tokens in each of the last minutes, those of runs that are alive in the running one.
fn per_minute(model: &Model) -> Vec<u64> {
    let mut minutes = model.ledger.panel.logged.per_minute.clone();
    if let Some(now) = minutes.last_mut() {
        *now = now.saturating_add(deltas(model));
    }
    minutes
}

fn rate(model: &Model, form: Form) -> Option<String> {
    let now = *per_minute(model).last()?;
    let estimated = model.ledger.panel.logged.today.runs.estimated.saturating_add(deltas(model));
    let mark = if now == 0 { "" } else { about(estimate(estimated)) };
    let now = count(now);
    Some(match form {
        Form::Full | Form::Short => format!("{mark}{now} tok/min"),
        Form::Close | Form::Least => format!("{mark}{now}/min"),
    })
}

/// The last minutes and the running one, at the right.
fn minutes(model: &Model, form: Form, row: Row, canvas: &Canvas<'_>) -> Row {
    let Some(rate) = rate(model, form) else { return row };
    let minutes = per_minute(model);
    let room = row.left().saturating_sub(rate.len() + 5).min(30);
    let from = minutes.len().saturating_sub(room);
    let bars = sparkline(minutes.get(from..).unwrap_or_default());
    let bars = canvas.row().add(canvas.style(Role::Accent), &bars).space(1);
    let rate = canvas.row().add(canvas.style(Role::Text), &rate).space(1);
    row.space(1).right(if room >= 6 { bars.append(rate) } else { rate })
}

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One bar a value, scaled to the largest. The lowest bar is kept for none at all.
pub(super) fn sparkline(values: &[u64]) -> String {
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
