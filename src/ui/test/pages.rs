//! Tool calls and headers: pages that start at their top. Their rows are those the text has when it is
//! wrapped to the width, so that scrolling reaches exactly the end.

use crate::app::runs::RunView;
use crate::app::test::ResponseTab;
use crate::config::theme::Role;
use crate::ui::canvas::Canvas;
use crate::ui::highlight::Json;
use crate::ui::text::Row;

/// The tool calls: name and id, then the arguments.
pub(super) fn tools(run: &RunView, canvas: &Canvas<'_>) -> Vec<Row> {
    let names: Vec<&str> = run.transcript.tool_calls.iter().map(|call| call.name.as_str()).collect();
    if names.is_empty() {
        return vec![canvas.row(), canvas.row().space(1).add(canvas.style(Role::Dim), "no tool calls")];
    }
    let is_name = |line: &str| names.iter().any(|name| !name.is_empty() && line.starts_with(name));
    let mut json = Json::default();
    let mut row = |line: &String| {
        let row = canvas.row().space(1);
        if is_name(line) {
            json = Json::default();
            return row.add(canvas.style(Role::Strong), line);
        }
        row.add_pieces(line, |line| json.pieces(line, ""), canvas.styles)
    };
    wrapped(run, ResponseTab::Tools, canvas).iter().map(&mut row).collect()
}

/// The status line and the headers.
pub(super) fn headers(run: &RunView, canvas: &Canvas<'_>) -> Vec<Row> {
    let Some(head) = &run.transcript.head else {
        return vec![canvas.row(), canvas.row().space(1).add(canvas.style(Role::Dim), "no response head yet")];
    };
    let status = if head.status < 400 { Role::Good } else { Role::Bad };
    let lines = wrapped(run, ResponseTab::Headers, canvas);
    let rows = lines.iter().enumerate().map(|(at, line)| {
        let row = canvas.row().space(1);
        match line.split_once(": ") {
            _ if at == 0 => row.add(canvas.style(status), line),
            Some((name, value)) if head.headers.iter().any(|(known, _)| known == name) => {
                row.add(canvas.style(Role::Dim), &format!("{name}: ")).add(canvas.style(Role::Text), value)
            }
            Some(_) | None => row.add(canvas.style(Role::Text), line),
        }
    });
    rows.collect()
}

fn wrapped(run: &RunView, tab: ResponseTab, canvas: &Canvas<'_>) -> Vec<String> {
    let flow = run.page(tab, canvas.area.width.saturating_sub(1));
    (0..flow.rows()).map(|at| flow.row(at).into_owned()).collect()
}
