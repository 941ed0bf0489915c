//! The watch screen: a row a connector with its state, its last probes and what is left; below, what the selected one says.

use std::time::Duration;

use ratatui::widgets::Block;

use crate::app::Model;
use crate::app::model::Rows;
use crate::app::watch::{Probing, Watched, rows};
use crate::config::Entry;
use crate::config::keymap::{Action, Context, List, Watch};
use crate::config::theme::Role;
use crate::domain::doctor::{DAYS_SOON, Probe};
use crate::domain::units::show_duration;
use crate::domain::{StageReport, StageStatus};

use super::canvas::Canvas;
use super::hints::key_name;
use super::number::{UNKNOWN, count, seconds, span_or_dash, things, window};
use super::text::Row;
use super::tokens::sparkline;

/// Rows of the selected connector's words, at most.
const WORDS: usize = 7;

/// Columns of the table; 0 for one that has no room.
#[derive(Debug, Clone, Copy)]
struct Columns {
    id: usize,
    state: usize,
    first_byte: usize,
    bars: usize,
    failed: usize,
    days: usize,
    left: usize,
}

impl Columns {
    /// For a row of so many columns, and ids of at most so many. What ids do not need is left to the probes.
    fn of(room: usize, longest: usize) -> Self {
        match room {
            96.. => {
                let id = longest.clamp(12, 36.min(room - 74));
                let bars = (room - 66 - id).min(60);
                Self { id, state: 19, first_byte: 10, bars, failed: 9, days: 7, left: 14 }
            }
            72.. => {
                let id = longest.clamp(10, 18.min(room - 61));
                Self { id, state: 15, first_byte: 7, bars: room - 54 - id, failed: 7, days: 6, left: 11 }
            }
            44.. => {
                let rest = room - 42;
                let failed = if rest < 14 { 0 } else { 6 };
                Self { id: 14, state: 15, first_byte: 7, bars: rest - failed - 1, failed, days: 0, left: 0 }
            }
            _ => Self { id: room.saturating_sub(12), state: 8, first_byte: 0, bars: 0, failed: 0, days: 0, left: 0 },
        }
    }
}

/// Draws the screen; tells the columns and rows of the table, and where its rows lie.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) -> ((u16, u16), Rows) {
    let border = canvas.style(Role::Focus);
    let entries = rows(model);
    let title = title(model, &entries, canvas).into_line();
    let block = Block::bordered().border_set(canvas.styles.border()).border_style(border).title_top(title);
    let inner = canvas.frame(block);
    let mut inside = canvas.part(inner);
    inside.put(0, head(model, &entries, &inside));
    if entries.is_empty() {
        inside.put(2, inside.text(Role::Dim, &nothing(model)));
        return ((inner.width, 0), Rows::default());
    }
    let words = words(model, &inside);
    let room = inside.height().saturating_sub(2);
    let below = (words.len() + 1).min(room.saturating_sub(entries.len().min(3)));
    let height = room.saturating_sub(below);
    let longest = entries.iter().map(|entry| entry.connector.id.as_str().len()).max().unwrap_or(0);
    let columns = Columns::of(inside.width(), longest);
    inside.put(1, labels(columns, &inside));
    let area = inside.rows(2, height);
    let first = table(model, (&entries, columns), &mut inside.part(area));
    let from = 2 + height;
    if below > 1 {
        inside.put(from, inside.text(Role::Border, &"─".repeat(inside.width())));
        for (y, row) in words.into_iter().take(below - 1).enumerate() {
            inside.put(from + 1 + y, row);
        }
    }
    canvas.put_place(Role::Dim, &window(first, height, entries.len()));
    ((area.width, area.height), Rows { area: super::area(area), first })
}

fn nothing(model: &Model) -> String {
    if !model.config.config.entries.is_empty() {
        return " no connector passes the filter of the list".to_owned();
    }
    let key = key_name(model, Context::List, Action::List(List::New));
    format!(" no connector to watch: {key} in the list creates one")
}

fn title(model: &Model, watched: &[&Entry], canvas: &Canvas<'_>) -> Row {
    let verdict = |entry: &&Entry| of(model, entry).and_then(Watched::verdict);
    let failed = watched.iter().filter(|entry| verdict(entry) == Some(StageStatus::Failed)).count();
    let row = Row::new(canvas.width().saturating_sub(2)).space(1).add(canvas.style(Role::Strong), "Watch").space(1);
    let row = row.add(canvas.style(Role::Text), &watched.len().to_string()).space(1);
    match failed {
        0 => row,
        failed => row.add_whole(canvas.style(Role::Bad), &format!("✗ {failed} failed ")),
    }
}

/// How it is watched, and what goes on.
fn head(model: &Model, watched: &[&Entry], canvas: &Canvas<'_>) -> Row {
    let watch = &model.runs.watch;
    let state = state(model, watched, canvas);
    let room = canvas.width().saturating_sub(state.width() + 1);
    let calls = watched.iter().filter(|entry| watch.calls.contains(&entry.connector.id)).count();
    let reach = match calls {
        0 => canvas.text(Role::Dim, "no call is made, nothing is spent"),
        some => {
            let whose = things(some, "connector");
            canvas.text(Role::Warning, &format!("! two calls a probe for {whose}: they consume tokens"))
        }
    };
    let row = Row::new(room).space(1).add(canvas.style(Role::Dim), "every ");
    let row = row.add(canvas.style(Role::Strong), &show_duration(watch.every)).space(3);
    let left = row.left();
    canvas.row().append(if reach.width() <= left { row.append(reach) } else { row }).right(state)
}

fn state(model: &Model, watched: &[&Entry], canvas: &Canvas<'_>) -> Row {
    let watch = &model.runs.watch;
    let due: Vec<Duration> = watched.iter().filter_map(|entry| watch.due(&entry.connector.id)).collect();
    let going = watched.len() - due.len();
    let row = canvas.row();
    if going > 0 {
        return row.add(canvas.style(Role::Busy), &format!("▶ {going} probing")).space(1);
    }
    if watch.state == Probing::Paused {
        let key = key_name(model, Context::Watch, Action::Watch(Watch::Pause));
        return row.add(canvas.style(Role::Warning), &format!("■ paused, {key} goes on")).space(1);
    }
    let next = due.into_iter().min().map(|due| seconds(due.saturating_sub(model.view.now)));
    next.map_or(row.clone(), |next| row.add(canvas.style(Role::Dim), &format!("next in {next}")).space(1))
}

fn labels(columns: Columns, canvas: &Canvas<'_>) -> Row {
    let dim = canvas.style(Role::Dim);
    let is_wide = columns.left > 12;
    let (byte, rest) = if is_wide { ("first byte", "req/tok left") } else { ("1st byte", "req/tok") };
    let row = canvas.row().space(3).column(dim, "connector", columns.id).space(1);
    let row = row.column(dim, "state", columns.state);
    let row = right(row, dim, byte, columns.first_byte + 1);
    let row = left(row, dim, "probes", columns.bars);
    let row = right(row, dim, "failed", columns.failed);
    let row = right(row, dim, "cert", columns.days);
    right(row, dim, rest, columns.left)
}

/// A column with a gap before it, its text at the right; nothing where it has no room.
fn right(row: Row, style: ratatui::style::Style, text: &str, columns: usize) -> Row {
    if columns < 2 { row } else { row.right_column(style, text, columns) }
}

fn left(row: Row, style: ratatui::style::Style, text: &str, columns: usize) -> Row {
    if columns == 0 { row } else { row.space(1).column(style, text, columns) }
}

/// The rows around the selected one; tells the first that shows.
fn table(model: &Model, (entries, columns): (&[&Entry], Columns), canvas: &mut Canvas<'_>) -> usize {
    let height = canvas.height();
    let selected = entries.iter().position(|entry| Some(&entry.connector.id) == model.list.selected.as_ref());
    let most = entries.len().saturating_sub(height);
    let first = selected.unwrap_or(0).saturating_sub(height / 2).min(most);
    for (y, entry) in entries.iter().skip(first).take(height).enumerate() {
        let row = row(model, entry, columns, canvas);
        let is_selected = Some(first + y) == selected;
        canvas.put(y, if is_selected { row.fill(canvas.style(Role::Selected)) } else { row });
    }
    first
}

fn row(model: &Model, entry: &Entry, columns: Columns, canvas: &Canvas<'_>) -> Row {
    let is_selected = model.list.selected.as_ref() == Some(&entry.connector.id);
    let nothing = Watched::default();
    let watched = of(model, entry).unwrap_or(&nothing);
    let (sign, role) = sign(watched, model.view.now);
    let row = canvas.text(Role::Accent, if is_selected { "▌" } else { " " });
    let row = row.add(canvas.style(role), sign).space(1);
    let row = row.column(canvas.style(Role::Text), entry.connector.id.as_str(), columns.id).space(1);
    let row = row.column(canvas.style(role), &state_word(watched, model.view.now, columns.state), columns.state);
    let probe = watched.probes.back();
    let text = canvas.style(Role::Text);
    let first_byte = probe.map_or_else(String::new, |probe| span_or_dash(probe.first_byte));
    let row = right(row, text, &first_byte, columns.first_byte + 1);
    let row = bars(row, watched, columns.bars, canvas);
    let failed = if watched.counts.failed > 0 { Role::Bad } else { Role::Dim };
    let row = right(row, canvas.style(failed), &failures(watched), columns.failed);
    let row = right(row, canvas.style(days_role(probe)), &days(probe), columns.days);
    right(row, canvas.style(headroom_role(probe)), &headroom(probe), columns.left)
}

fn of<'a>(model: &'a Model, entry: &Entry) -> Option<&'a Watched> {
    model.runs.watch.watched.get(&entry.connector.id)
}

/// The state stands until the next probe says something else, or is overdue.
fn sign(watched: &Watched, now: Duration) -> (&'static str, Role) {
    if watched.silent(now).is_some() {
        return ("◌", Role::Warning);
    }
    match watched.verdict() {
        Some(StageStatus::Ok) => ("●", Role::Good),
        Some(StageStatus::Warning) => ("!", Role::Warning),
        Some(StageStatus::Failed) => ("✗", Role::Bad),
        Some(StageStatus::Skipped) => ("·", Role::Dim),
        None if watched.going.is_some() => ("▶", Role::Busy),
        None => ("○", Role::Dim),
    }
}

/// The verdict, at which stage, and for how long: what there is room for.
fn state_word(watched: &Watched, now: Duration, room: usize) -> String {
    if let Some(silent) = watched.silent(now) {
        return format!("no end {}", seconds(silent));
    }
    let Some(verdict) = watched.verdict() else {
        return if watched.going.is_some() { "probing" } else { "waits" }.to_owned();
    };
    let lasting = lasting(now.saturating_sub(watched.since));
    let word = match watched.last.as_ref().and_then(|last| last.report.configured.complaint()) {
        Some(stage) if stage.status == StageStatus::Failed => format!("{} failed", stage.stage.word()),
        Some(stage) => format!("{} {}", stage.stage.word(), verdict.word()),
        None => verdict.word().to_owned(),
    };
    let whole = format!("{word} {lasting}");
    if whole.len() <= room { whole } else { word }
}

/// Coarse, so that the screen is quiet.
fn lasting(time: Duration) -> String {
    match time.as_secs() {
        0..60 => "<1m".to_owned(),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// First bytes of the last probes, each against the slowest of them; a cross for one that failed.
fn bars(row: Row, watched: &Watched, room: usize, canvas: &Canvas<'_>) -> Row {
    if room == 0 {
        return row;
    }
    let row = row.space(1);
    let end = row.width() + room;
    let from = watched.probes.len().saturating_sub(room);
    let shown: Vec<&Probe> = watched.probes.iter().skip(from).collect();
    let micros =
        |probe: &&Probe| probe.first_byte.map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    let heights = sparkline(&shown.iter().map(micros).collect::<Vec<_>>());
    let cells = shown.iter().zip(heights.chars()).map(|(probe, bar)| match probe.verdict {
        StageStatus::Failed => (Role::Bad, '×'),
        StageStatus::Warning => (Role::Warning, bar),
        StageStatus::Ok | StageStatus::Skipped => (Role::Accent, bar),
    });
    cells.fold(row, |row, (role, bar)| row.add(canvas.style(role), bar.encode_utf8(&mut [0; 4]))).pad_to(end)
}

fn failures(watched: &Watched) -> String {
    match watched.counts.all {
        0 => String::new(),
        all => format!("{}/{}", count(watched.counts.failed), count(all)),
    }
}

fn days(probe: Option<&Probe>) -> String {
    match probe {
        None => String::new(),
        Some(probe) => probe.days_left.map_or_else(|| UNKNOWN.to_owned(), |days| format!("{days}d")),
    }
}

fn days_role(probe: Option<&Probe>) -> Role {
    match probe.and_then(|probe| probe.days_left) {
        Some(..0) => Role::Bad,
        Some(..DAYS_SOON) => Role::Warning,
        Some(_) | None => Role::Dim,
    }
}

fn headroom(probe: Option<&Probe>) -> String {
    let Some(probe) = probe else { return String::new() };
    let told = |left: Option<u64>| left.map_or_else(|| UNKNOWN.to_owned(), count);
    match (probe.remaining_requests, probe.remaining_tokens) {
        (None, None) => UNKNOWN.to_owned(),
        (requests, tokens) => format!("{}/{}", told(requests), told(tokens)),
    }
}

fn headroom_role(probe: Option<&Probe>) -> Role {
    let is_spent = |probe: &Probe| probe.remaining_requests == Some(0) || probe.remaining_tokens == Some(0);
    if probe.is_some_and(is_spent) { Role::Warning } else { Role::Dim }
}

/// What the last probe of the selected connector says.
fn words(model: &Model, canvas: &Canvas<'_>) -> Vec<Row> {
    let selected = model.list.selected.as_ref();
    let watched = selected.and_then(|id| model.runs.watch.watched.get(id));
    let Some(last) = watched.and_then(|watched| watched.last.as_ref()) else {
        return vec![canvas.text(Role::Dim, "   nothing was found yet")];
    };
    let ago = last.ended.map(|ended| lasting(model.view.now.saturating_sub(ended))).unwrap_or_default();
    let examination = &last.report.configured;
    let seen = || {
        let telling = examination.stages.iter().rev().filter(|stage| is_telling(stage));
        telling.map(|stage| stage.detail.as_str()).collect::<Vec<_>>().join(" · ")
    };
    let complaint = examination.complaint().map(|stage| complaint(stage, canvas));
    let mut rows = complaint.unwrap_or_else(|| canvas.signed(("✓", Role::Good), &seen(), (Role::Text, WORDS / 2)));
    rows.truncate(WORDS);
    let probe = watched.and_then(|watched| watched.probes.back());
    rows.push(canvas.row().space(3).add(canvas.style(Role::Dim), &figures(probe, &ago)));
    rows
}

/// What an answer is known by: where it comes from, and what it was.
fn is_telling(stage: &StageReport) -> bool {
    use crate::domain::DoctorStage::{
        Auth, Call, Config, Dns, Http, Models, Policy, Proxy, Secrets, Stream, Tcp, Tls, Usage,
    };
    match stage.stage {
        Http | Models | Tls => stage.status == StageStatus::Ok,
        Config | Secrets | Policy | Dns | Tcp | Proxy | Auth | Call | Stream | Usage => false,
    }
}

fn complaint(stage: &StageReport, canvas: &Canvas<'_>) -> Vec<Row> {
    let (sign, role) = if stage.status == StageStatus::Failed { ("✗", Role::Bad) } else { ("!", Role::Warning) };
    let text = format!("{}: {}", stage.stage.word(), stage.cause.as_deref().unwrap_or(&stage.detail));
    let mut rows = canvas.signed((sign, role), &text, (role, WORDS / 2));
    if let Some(fix) = &stage.fix {
        rows.extend(canvas.signed(("→", Role::Accent), fix, (Role::Text, WORDS / 2)));
    }
    rows
}

/// What the table may have had no room for.
fn figures(probe: Option<&Probe>, ago: &str) -> String {
    let mut parts = vec![format!("probed {ago} ago")];
    if let Some(probe) = probe {
        let few = |left: u64, one: &str| things(usize::try_from(left).unwrap_or(usize::MAX), one);
        parts.extend(probe.days_left.map(|days| match u64::try_from(days) {
            Ok(days) => format!("certificate valid for {}", few(days, "day")),
            Err(_negative) => "certificate expired".to_owned(),
        }));
        parts.extend(probe.remaining_requests.map(|left| format!("{} left", few(left, "request"))));
        parts.extend(probe.remaining_tokens.map(|left| format!("{} left", few(left, "token"))));
    }
    parts.join("   ")
}
