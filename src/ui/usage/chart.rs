//! Charts over time, drawn with signs that can be told apart without colour.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::app::question::DashboardFound;
use crate::app::usage::Chart;
use crate::config::theme::Role;
use crate::domain::{ErrorKind, Latency, Percentiles, Point, Usd};
use crate::ui::canvas::Canvas;
use crate::ui::number::{count, span};
use crate::ui::text::Row;
use crate::ui::tokens::sparkline;

/// Columns of the scale at the left.
const SCALE: usize = 10;
/// Columns between the names of two buckets, at least.
const GAP: usize = 3;
/// No bucket is wider than this.
const WIDEST: usize = 6;

/// A part of a column: its sign, its role, its size.
type Part = (char, Role, u64);

/// Draws the chart with its legend above and its time below.
pub(super) fn draw(found: &DashboardFound, chart: Chart, canvas: &mut Canvas<'_>) {
    let legend = canvas.text(Role::Dim, " ").add(canvas.style(Role::Strong), chart.title());
    let legend = legend.space(3).add(canvas.style(Role::Dim), super::legend(chart));
    let area = canvas.rows(1, canvas.height().saturating_sub(2));
    let columns = Columns::of(found, canvas.width().saturating_sub(SCALE + 1));
    let legend =
        columns.note(chart, found).into_iter().fold(legend, |row, note| row.add(canvas.style(Role::Dim), &note));
    canvas.put(0, legend);
    let mut plot = canvas.part(area);
    match chart {
        Chart::Tokens => stacked(&columns, tokens, |n| format!("{}{}", about(found), count(n)), &mut plot),
        Chart::Cost if found.figures.total.cost.priced == 0 => no_price(found, &mut plot),
        Chart::Cost => stacked(&columns, cost, |n| format!("{}{}", about(found), dollars(n)), &mut plot),
        Chart::FirstToken => percentiles(&columns, |latency| latency.first_token, &mut plot),
        Chart::Total => percentiles(&columns, |latency| latency.total, &mut plot),
        Chart::Failures => failures(&columns, &mut plot),
    }
    let time = columns.time(found, canvas);
    canvas.put(canvas.height().saturating_sub(1), time);
}

/// One estimate makes every figure of the scale one.
fn about(found: &DashboardFound) -> &'static str {
    if found.figures.total.runs.estimated > 0 { "~" } else { "" }
}

/// What nobody knows is no column of nothing: that would read as $0.
fn no_price(found: &DashboardFound, canvas: &mut Canvas<'_>) {
    let runs = found.figures.total.cost.unpriced;
    let told = if runs == 0 {
        "nothing that has a cost ran in this range"
    } else {
        "unknown: no run in this range has a price"
    };
    canvas.put(0, canvas.text(Role::Dim, " ").add(canvas.style(Role::Text), told));
}

fn dollars(nanos: u64) -> String {
    i64::try_from(nanos).map_or_else(|_beyond| count(nanos), |nanos| Usd::from_nanos(nanos).to_string())
}

/// The buckets as columns of the screen: neighbours share one where there are too many.
struct Columns<'a> {
    groups: Vec<&'a [Point]>,
    width: usize,
    /// Buckets in a column.
    each: usize,
}

impl<'a> Columns<'a> {
    fn of(found: &'a DashboardFound, room: usize) -> Self {
        let series = &found.figures.series;
        let each = series.len().div_ceil(room.max(1)).max(1);
        let groups: Vec<&[Point]> = series.chunks(each).collect();
        let width = (room / groups.len().max(1)).clamp(1, WIDEST);
        Self { groups, width, each }
    }

    fn note(&self, chart: Chart, found: &DashboardFound) -> Option<String> {
        let words = match chart {
            Chart::Tokens | Chart::Cost | Chart::Failures => "",
            Chart::FirstToken | Chart::Total => ", the slowest of each",
        };
        let unknown = found.figures.total.cost.unpriced;
        let unknown = match chart {
            Chart::Cost if unknown > 0 && found.figures.total.cost.priced > 0 => format!("   + {unknown} unknown"),
            Chart::Tokens | Chart::Cost | Chart::FirstToken | Chart::Total | Chart::Failures => String::new(),
        };
        let joined = (self.each > 1).then(|| format!("   a column is {} {}s{words}", self.each, found.bucket.word()));
        Some(format!("{unknown}{}", joined.unwrap_or_default())).filter(|note| !note.is_empty())
    }

    /// What buckets are called, each at its column's start: the first, and as many others as have room.
    fn time(&self, found: &DashboardFound, canvas: &Canvas<'_>) -> Row {
        let dim = canvas.style(Role::Dim);
        let widest = found.labels.iter().map(String::len).max().unwrap_or(0);
        let every = (widest + GAP).div_ceil(self.width).max(1);
        let row = canvas.row().space(SCALE + 1);
        found
            .labels
            .iter()
            .step_by(self.each)
            .enumerate()
            .step_by(every)
            .fold(row, |row, (column, label)| row.pad_to(SCALE + 1 + column * self.width).add_whole(dim, label))
    }
}

/// Cached tokens are a part of the prompt, and reasoning of the completion: each is drawn once.
fn tokens(points: &[Point]) -> Vec<Part> {
    let sum = |of: fn(&Point) -> u64| points.iter().map(of).fold(0, u64::saturating_add);
    let prompt = sum(|point| point.totals.tokens.prompt);
    let cached = sum(|point| point.totals.tokens.cached).min(prompt);
    let completion = sum(|point| point.totals.tokens.completion);
    let reasoning = sum(|point| point.totals.tokens.reasoning).min(completion);
    vec![
        ('█', Role::Accent, prompt - cached),
        ('▓', Role::Good, cached),
        ('▒', Role::Strong, completion - reasoning),
        ('░', Role::Warning, reasoning),
    ]
}

fn cost(points: &[Point]) -> Vec<Part> {
    let nanos: i64 = points.iter().map(|point| point.totals.cost.known.nanos()).fold(0, i64::saturating_add);
    vec![('█', Role::Accent, nanos.unsigned_abs())]
}

fn stacked(
    columns: &Columns<'_>,
    parts: fn(&[Point]) -> Vec<Part>,
    shown: impl Fn(u64) -> String,
    canvas: &mut Canvas<'_>,
) {
    let stacks: Vec<Vec<Part>> = columns.groups.iter().map(|points| parts(points)).collect();
    let height = |stack: &Vec<Part>| stack.iter().map(|(_, _, size)| *size).fold(0, u64::saturating_add);
    let most = stacks.iter().map(height).max().unwrap_or(0);
    let rows = canvas.height();
    for y in 0..rows {
        let level = rows - 1 - y;
        let row = scale(y, rows, most, &shown, canvas);
        let row = stacks.iter().fold(row, |row, stack| match cell(stack, level, rows, most) {
            Some((sign, role)) => row.add(canvas.style(role), &sign.to_string().repeat(columns.width)),
            None => row.space(columns.width),
        });
        canvas.put(y, row);
    }
}

/// What a cell shows: the part at its middle. The lowest shows something wherever there is something.
fn cell(stack: &[Part], level: usize, rows: usize, most: u64) -> Option<(char, Role)> {
    let whole: u128 = stack.iter().map(|(_, _, size)| u128::from(*size)).sum();
    let middle = (2 * level as u128 + 1) * u128::from(most) / (2 * rows.max(1) as u128);
    let middle = if level == 0 { middle.min(whole.saturating_sub(1)) } else { middle };
    let mut below = 0_u128;
    stack.iter().find_map(|(sign, role, size)| {
        below += u128::from(*size);
        (middle < below).then_some((*sign, *role))
    })
}

/// The scale's figure of a row: the most at the top, its half in the middle.
fn scale(y: usize, rows: usize, most: u64, shown: impl Fn(u64) -> String, canvas: &Canvas<'_>) -> Row {
    let figure = if y == 0 {
        shown(most)
    } else if y == rows / 2 && rows > 3 {
        shown(most / 2)
    } else {
        String::new()
    };
    canvas.row().right_column(canvas.style(Role::Dim), &figure, SCALE - 1).add(canvas.style(Role::Border), "│").space(1)
}

/// The marks of p50, p95 and p99, the slower over the faster where they meet.
fn percentiles(columns: &Columns<'_>, of: fn(&Latency) -> Option<Percentiles>, canvas: &mut Canvas<'_>) {
    let slowest = |points: &&[Point], time: fn(&Percentiles) -> Duration| {
        points.iter().filter_map(|point| of(&point.latency)).map(|found| time(&found)).max()
    };
    let marks = |points: &&[Point]| {
        [
            ('!', Role::Bad, slowest(points, |p| p.p99)),
            ('9', Role::Warning, slowest(points, |p| p.p95)),
            ('5', Role::Good, slowest(points, |p| p.p50)),
        ]
    };
    let all: Vec<_> = columns.groups.iter().map(marks).collect();
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let most = all.iter().flatten().filter_map(|(_, _, time)| time.map(micros)).max().unwrap_or(0);
    let rows = canvas.height();
    let at = |time: Duration| {
        let level = u128::from(micros(time)) * rows as u128 / u128::from(most.max(1));
        usize::try_from(level).unwrap_or(0).min(rows.saturating_sub(1))
    };
    for y in 0..rows {
        let level = rows - 1 - y;
        let row = scale(y, rows, most, |micros| span(Duration::from_micros(micros)), canvas);
        let row = all.iter().fold(row, |row, marks| {
            let mark = marks.iter().find(|(_, _, time)| time.is_some_and(|time| at(time) == level));
            match mark {
                Some((sign, role, _)) => row.add(canvas.style(*role), &sign.to_string().repeat(columns.width)),
                None => row.space(columns.width),
            }
        });
        canvas.put(y, row);
    }
}

/// A line a kind, the most frequent first: its name, how many, and when.
fn failures(columns: &Columns<'_>, canvas: &mut Canvas<'_>) {
    let mut kinds: BTreeMap<ErrorKind, Vec<u64>> = BTreeMap::new();
    for (at, points) in columns.groups.iter().enumerate() {
        for (kind, runs) in points.iter().flat_map(|point| &point.failures) {
            let line = kinds.entry(*kind).or_insert_with(|| vec![0; columns.groups.len()]);
            if let Some(sum) = line.get_mut(at) {
                *sum = sum.saturating_add(*runs);
            }
        }
    }
    if kinds.is_empty() {
        canvas.put(0, canvas.text(Role::Good, " ✓ no failures"));
        return;
    }
    let mut kinds: Vec<_> = kinds.into_iter().map(|(kind, line)| (line.iter().sum::<u64>(), kind, line)).collect();
    kinds.sort_by_key(|(runs, kind, _)| (std::cmp::Reverse(*runs), *kind));
    for (y, (runs, kind, line)) in kinds.iter().enumerate() {
        let row = canvas.row().space(1).column(canvas.style(Role::Bad), kind.word(), 17);
        let row = row.right_column(canvas.style(Role::Strong), &count(*runs), 7).space(2);
        // The whole line where it fits; else its latest part.
        let from = line.len().saturating_sub(row.left());
        let bars = sparkline(line.get(from..).unwrap_or_default());
        canvas.put(y, row.add(canvas.style(Role::Accent), &bars));
    }
}
