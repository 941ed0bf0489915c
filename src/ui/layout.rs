//! Where each panel goes, by the size of the terminal.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::model::{Focus, Zoom};

use super::top;

/// From this width on, list and workspace stand side by side.
const TWO_PANES: u16 = 100;
/// From this height on, the token panel has a frame.
const TALL: u16 = 24;
/// Below this nothing can be shown.
const SMALLEST: (u16, u16) = (20, 5);

/// Where each panel goes. An empty area is not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) top: Rect,
    pub(super) problem: Rect,
    pub(super) list: Rect,
    /// The list as one line, where the workspace has the screen.
    pub(super) list_header: Rect,
    pub(super) workspace: Rect,
    pub(super) tokens: Rect,
    pub(super) hints: Rect,
    pub(super) panes: Panes,
}

/// How list and workspace share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panes {
    /// Side by side.
    Both,
    /// The list alone.
    List,
    /// The workspace alone.
    Workspace,
}

impl Layout {
    /// The layout; `None` where the terminal is too small.
    pub(super) fn of(model: &Model, area: Rect) -> Option<Self> {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return None;
        }
        let zoom = model.view.zoom;
        let (top, rest) = cut_top(area, 1);
        let (rest, hints) = cut_bottom(rest, 1);
        let (problem, rest) = cut_top(rest, problem_height(model, area));
        let (main, tokens) = cut_bottom(rest, tokens_height(area, zoom));
        let panes = panes(model, area.width);
        let (list, list_header, workspace) = share(panes, zoom, main);
        Some(Self { top, problem, list, list_header, workspace, tokens, hints, panes })
    }

    /// Where a box over the screen may be: everything but the hint line, which tells its keys.
    pub(super) fn over(&self) -> Rect {
        Rect { height: self.hints.y.saturating_sub(self.top.y), ..self.top }
    }
}

fn panes(model: &Model, width: u16) -> Panes {
    match (model.view.zoom, model.view.focus) {
        (Zoom::Off, _) if width >= TWO_PANES => Panes::Both,
        (Zoom::Off, Focus::List) => Panes::List,
        (Zoom::Response, _) | (Zoom::Off, Focus::Workspace) => Panes::Workspace,
    }
}

/// The list, its header and the workspace. A pane that does not show keeps the size it will have.
fn share(panes: Panes, zoom: Zoom, main: Rect) -> (Rect, Rect, Rect) {
    match panes {
        Panes::Both => {
            let more = main.width.saturating_sub(TWO_PANES) / 4;
            let (list, workspace) = cut_left(main, (34 + more).min(48));
            (list, nothing(main), workspace)
        }
        Panes::List | Panes::Workspace => {
            let (header, workspace) = cut_top(main, u16::from(zoom == Zoom::Off && main.height >= 8));
            (main, header, workspace)
        }
    }
}

fn problem_height(model: &Model, area: Rect) -> u16 {
    let most = if area.height >= 14 { 3 } else { u16::from(area.height >= 9) };
    let lines = top::problem_lines(model, area.width).len();
    u16::try_from(lines).unwrap_or(most).min(most)
}

fn tokens_height(area: Rect, zoom: Zoom) -> u16 {
    match (area.width >= TWO_PANES && area.height >= TALL, area.height >= 8) {
        _ if zoom == Zoom::Response => 0,
        (true, _) => 3,
        (false, true) => 1,
        (false, false) => 0,
    }
}

fn nothing(area: Rect) -> Rect {
    Rect { height: 0, ..area }
}

/// The first rows, and the rest.
pub(super) fn cut_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

/// The rest, and the last rows.
pub(super) fn cut_bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    cut_top(area, area.height - rows.min(area.height))
}

/// The first columns, and the rest.
pub(super) fn cut_left(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    (Rect { width: columns, ..area }, Rect { x: area.x + columns, width: area.width - columns, ..area })
}
