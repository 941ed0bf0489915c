//! The doctor's tab: the stages as they end, and what the selected one says.

use std::time::Duration;

use crate::app::Model;
use crate::app::doctor::DoctorPane;
use crate::config::keymap::{Action, Context, Doctor};
use crate::config::theme::Role;
use crate::domain::{DoctorOutcome, DoctorStage, Examination, Lane, StageReport, StageStatus};

use super::canvas::Canvas;
use super::hints::key_name;
use super::number::{span_or_dash, window};
use super::text::{Row, wrap};
use super::workspace::Seen;

/// Columns of a stage's name.
const NAME: usize = 8;
/// Columns of a time.
const TIME: usize = 9;
/// Rows of one text at most.
const SAID: usize = 6;
/// Rows of the details that are worth having.
const DETAILS: usize = 4;

/// Draws the tab.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) -> Seen {
    let response = (canvas.area.width, canvas.area.height);
    let seen = Seen { response, ..Seen::default() };
    let Some(pane) = model.doctor_pane() else {
        invite(model, canvas);
        return seen;
    };
    canvas.put(0, head(model, pane, canvas));
    let height = canvas.height().saturating_sub(1);
    let all = DoctorStage::ALL.len();
    let details = details(pane, canvas);
    let wanted = details.len().clamp(DETAILS.min(details.len()), (height / 2).max(DETAILS));
    let table = all.min(height.saturating_sub(wanted + 1).max(2)).min(height);
    let area = canvas.rows(1, table);
    stages(pane, &mut canvas.part(area));
    let from = 1 + table;
    if from < canvas.height() {
        let line = "─".repeat(canvas.width());
        canvas.put(from, canvas.text(Role::Border, &line));
    }
    for (y, row) in details.into_iter().enumerate() {
        canvas.put(from + 1 + y, row);
    }
    Seen { place: place(pane, table), ..seen }
}

fn invite(model: &Model, canvas: &mut Canvas<'_>) {
    let Some(id) = &model.list.selected else {
        canvas.put(1, canvas.row().space(1).add(canvas.style(Role::Dim), "Nothing is selected."));
        return;
    };
    let key = key_name(model, Context::Doctor, Action::Doctor(Doctor::Run));
    let row = canvas.row().space(1).add(canvas.style(Role::Accent), &key);
    canvas.put(1, row.add(canvas.style(Role::Text), &format!(" examines {id}, stage by stage")));
    let told = "from its URL to a streamed call; the two short calls it makes are recorded and may have a price";
    for (y, line) in wrap(told, canvas.width().saturating_sub(2), 4).iter().enumerate() {
        canvas.put(3 + y, canvas.row().space(1).add(canvas.style(Role::Dim), line));
    }
}

fn head(model: &Model, pane: &DoctorPane, canvas: &Canvas<'_>) -> Row {
    let took = pane.ended.unwrap_or(model.view.now).saturating_sub(pane.asked);
    let (sign, role, text) = verdict(pane);
    let row = canvas.row().space(1).add(canvas.style(role), sign).space(1).add(canvas.style(role), &text);
    let row = row.space(3).add(canvas.style(Role::Dim), &tenths(took));
    if pane.report.without_proxy.is_none() {
        return row;
    }
    let legend = Row::new(canvas.width()).add(canvas.style(Role::Dim), "right: the same without the proxy").space(1);
    row.right(legend)
}

fn verdict(pane: &DoctorPane) -> (&'static str, Role, String) {
    let report = &pane.report;
    match (report.outcome, report.configured.failure(), report.verdict()) {
        (None, Some(stage), _) => ("✗", Role::Bad, format!("failed at {}", stage.stage.word())),
        (None, None, _) => ("▶", Role::Busy, "examining".to_owned()),
        (Some(DoctorOutcome::Cancelled), _, _) => ("■", Role::Dim, "cancelled".to_owned()),
        (Some(DoctorOutcome::Complete), Some(stage), _) => {
            ("✗", Role::Bad, format!("failed at {}", stage.stage.word()))
        }
        (Some(DoctorOutcome::Complete), None, status) => (sign(status).0, sign(status).1, status.word().to_owned()),
    }
}

/// Seconds with one digit behind the point.
fn tenths(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn sign(status: StageStatus) -> (&'static str, Role) {
    match status {
        StageStatus::Ok => ("✓", Role::Good),
        StageStatus::Warning => ("!", Role::Warning),
        StageStatus::Failed => ("✗", Role::Bad),
        StageStatus::Skipped => ("·", Role::Dim),
    }
}

/// The rows of the table, windowed around the selected stage.
fn stages(pane: &DoctorPane, canvas: &mut Canvas<'_>) {
    let height = canvas.height();
    let first = first_row(pane, height);
    for (y, stage) in DoctorStage::ALL.into_iter().skip(first).take(height).enumerate() {
        let row = stage_row(pane, stage, canvas);
        canvas.put(y, row);
    }
}

fn first_row(pane: &DoctorPane, height: usize) -> usize {
    let at = DoctorStage::ALL.iter().position(|stage| *stage == pane.stage()).unwrap_or(0);
    let most = DoctorStage::ALL.len().saturating_sub(height);
    at.saturating_sub(height / 2).min(most)
}

/// Which rows show, where not all do.
fn place(pane: &DoctorPane, height: usize) -> String {
    let all = DoctorStage::ALL.len();
    window(first_row(pane, height), height, all)
}

fn stage_row(pane: &DoctorPane, stage: DoctorStage, canvas: &Canvas<'_>) -> Row {
    let is_selected = pane.stage() == stage;
    let lane = |lane| pane.report.lane(lane);
    let row = canvas.row().add(canvas.style(Role::Accent), if is_selected { "›" } else { " " });
    let row = figure(row, lane(Lane::Configured), stage, canvas);
    let name = if is_selected { Role::Strong } else { Role::Text };
    let row = row.space(1).column(canvas.style(name), stage.word(), NAME);
    let row = row.right_column(canvas.style(Role::Dim), &took(lane(Lane::Configured), stage), TIME).space(2);
    let other = lane(Lane::WithoutProxy);
    let right = if other.is_none() {
        canvas.row()
    } else {
        let right = figure(Row::new(canvas.width()).space(1), other, stage, canvas);
        right.right_column(canvas.style(Role::Dim), &took(other, stage), TIME).space(1)
    };
    let said = lane(Lane::Configured).and_then(|lane| lane.stage(stage));
    let role = said.map_or(Role::Dim, |said| if said.status == StageStatus::Skipped { Role::Dim } else { Role::Text });
    let text = said.map(gist).unwrap_or_default();
    let room = row.left().saturating_sub(right.width());
    let row = row.append(Row::new(room).add(canvas.style(role), text));
    if other.is_some() { row.right(right) } else { row }
}

/// What a row has room for: the cause of what is bad, else what was seen.
fn gist(report: &StageReport) -> &str {
    match report.status {
        StageStatus::Failed | StageStatus::Warning => report.cause.as_deref().unwrap_or(&report.detail),
        StageStatus::Ok | StageStatus::Skipped => &report.detail,
    }
}

fn figure(row: Row, lane: Option<&Examination>, stage: DoctorStage, canvas: &Canvas<'_>) -> Row {
    let told = lane.and_then(|lane| lane.stage(stage));
    let (sign, role) = match told {
        Some(report) => sign(report.status),
        None if lane.is_some_and(|lane| lane.running.contains(&stage)) => ("▶", Role::Busy),
        None => (" ", Role::Dim),
    };
    row.add(canvas.style(role), sign)
}

fn took(lane: Option<&Examination>, stage: DoctorStage) -> String {
    let told = lane.and_then(|lane| lane.stage(stage));
    match told {
        Some(StageReport { took: Some(took), .. }) => span_or_dash(Some(*took)),
        Some(_) | None => String::new(),
    }
}

/// What the selected stage says, wrapped; then of the other way, and of the proxy.
fn details(pane: &DoctorPane, canvas: &Canvas<'_>) -> Vec<Row> {
    let stage = pane.stage();
    let report = pane.report.configured.stage(stage);
    let proxy = pane.report.proxy.iter();
    let mut rows: Vec<Row> = proxy.flat_map(|proxy| block("»", proxy, (Role::Accent, Role::Strong), canvas)).collect();
    match report {
        Some(report) => rows.extend(said(report, canvas)),
        None if pane.report.configured.running.contains(&stage) => {
            let text = format!("{} goes on", stage.word());
            rows.extend(block("▶", &text, (Role::Busy, Role::Text), canvas));
        }
        None => rows.extend(block(" ", "not reached yet", (Role::Dim, Role::Dim), canvas)),
    }
    let other = pane.report.without_proxy.as_ref().and_then(|lane| lane.stage(stage));
    if let Some(other) = other.filter(|other| Some(gist(other)) != report.map(gist)) {
        let text = format!("without the proxy: {}: {}", other.status.word(), gist(other));
        rows.extend(block("↔", &text, (Role::Accent, Role::Text), canvas));
    }
    rows
}

fn said(report: &StageReport, canvas: &Canvas<'_>) -> Vec<Row> {
    let (sign, role) = sign(report.status);
    let text = format!("{} {}: {}", report.stage.word(), report.status.word(), report.detail);
    let mut rows = block(sign, &text, (role, Role::Text), canvas);
    if let Some(cause) = &report.cause {
        rows.extend(block(" ", cause, (role, role), canvas));
    }
    if let Some(fix) = &report.fix {
        rows.extend(block("→", fix, (Role::Accent, Role::Text), canvas));
    }
    rows
}

/// A wrapped text with a sign before its first line.
fn block(sign: &str, text: &str, (sign_role, role): (Role, Role), canvas: &Canvas<'_>) -> Vec<Row> {
    canvas.signed((sign, sign_role), text, (role, SAID))
}
