//! Tool calls and headers: pages that start at their top.

use crate::app::runs::RunView;
use crate::config::theme::Role;
use crate::domain::ToolCall;
use crate::ui::canvas::Canvas;
use crate::ui::text::{Row, wrap};

/// Rows one call's arguments may take.
const ARGUMENT_ROWS: usize = 200;

/// The tool calls: name and id, then the arguments as the model wrote them.
pub(super) fn tools(run: &RunView, canvas: &Canvas<'_>) -> Vec<Row> {
    if run.transcript.tool_calls.is_empty() {
        return vec![canvas.row(), canvas.row().space(1).add(canvas.style(Role::Dim), "no tool calls")];
    }
    run.transcript.tool_calls.iter().enumerate().flat_map(|(at, call)| tool(at, call, canvas)).collect()
}

fn tool(at: usize, call: &ToolCall, canvas: &Canvas<'_>) -> Vec<Row> {
    let name = if call.name.is_empty() { "(no name yet)" } else { &call.name };
    let title = canvas.row().space(1).add(canvas.style(Role::Dim), &format!("{} ", at + 1));
    let title = title.add(canvas.style(Role::Strong), name).space(2).add(canvas.style(Role::Dim), &call.id);
    let room = canvas.width().saturating_sub(4);
    let arguments = call.arguments.lines().flat_map(|line| wrap(line, room, ARGUMENT_ROWS)).take(ARGUMENT_ROWS);
    let arguments = arguments.map(|line| canvas.row().space(3).add(canvas.style(Role::Text), &line));
    std::iter::once(title).chain(arguments).chain([canvas.row()]).collect()
}

/// The status line and the headers.
pub(super) fn headers(run: &RunView, canvas: &Canvas<'_>) -> Vec<Row> {
    let Some(head) = &run.transcript.head else {
        return vec![canvas.row(), canvas.row().space(1).add(canvas.style(Role::Dim), "no response head yet")];
    };
    let status = format!("{} {}", head.version, head.status);
    let role = if head.status < 400 { Role::Good } else { Role::Bad };
    let names = head.headers.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let column = names.min(canvas.width() / 3).clamp(8, 32) + 2;
    let status = canvas.row().space(1).add(canvas.style(role), &status);
    let rows = head.headers.iter().map(|(name, value)| {
        let row = canvas.row().space(1).column(canvas.style(Role::Dim), name, column - 1).space(1);
        row.add(canvas.style(Role::Text), value)
    });
    std::iter::once(status).chain(rows).collect()
}
