//! The usage screen as it should look, of one connector and of all.

use super::fixtures::*;
use super::ledger::{labels, typical_usage, usage};
use super::screens::{State, check};
use crate::app::Model;
use crate::app::question::DashboardFound;
use crate::app::usage::{Chart, Sort, UsagePane};
use crate::domain::{CostSum, Dashboard, ErrorKind, Failure, Usd};

pub(super) fn of_all(state: State) -> Model {
    match state {
        State::Empty => usage(nothing(), None),
        State::Typical => usage(typical_usage(), None),
        State::Error => unreadable(None, |pane| pane.found = None),
        State::Long => long(None),
        State::Wide => usage(wide(), None),
    }
}

pub(super) fn of_one(state: State) -> Model {
    match state {
        State::Empty => usage(nothing(), Some("vllm-lab")),
        State::Typical => usage(typical_usage(), Some("azure-prod")),
        State::Error => unreadable(Some("azure-prod"), |pane| pane.typing = Some("2026-11-0".to_owned())),
        State::Long => long(Some("a-rather-long-identifier-of-36-chars")),
        State::Wide => usage(wide(), Some("azure-prod")),
    }
}

fn nothing() -> DashboardFound {
    DashboardFound { figures: Dashboard::default(), labels: Vec::new(), ..typical_usage() }
}

fn change(mut model: Model, change: impl FnOnce(&mut UsagePane)) -> Model {
    change(model.ledger.usage.as_mut().unwrap());
    model
}

/// The event log cannot be read.
fn unreadable(connector: Option<&str>, also: impl FnOnce(&mut UsagePane)) -> Model {
    change(usage(typical_usage(), connector), |pane| {
        let message = "event log /var/lib/ops/events.db: it is damaged (database disk image is malformed)";
        let hint = "start switchboard: it sets the damaged file aside";
        pane.problem = Some(Failure::new(ErrorKind::Internal, message, hint));
        also(pane);
    })
}

/// A quarter of a year and more rows than fit, with long names; the last is selected.
fn long(connector: Option<&str>) -> Model {
    let mut found = typical_usage();
    let week = found.figures.series.clone();
    found.figures.series = week.iter().cycle().take(90).cloned().collect();
    found.labels = labels(90);
    for rows in found.figures.tables.values_mut() {
        let (_, totals) = rows[0].clone();
        let row = |n: usize| (format!("number-{n:02}-of-a-great-many-with-a-name-that-no-column-holds"), totals);
        rows.extend((0..50).map(row));
    }
    change(usage(found, connector), |pane| {
        pane.wish.zone = "America/Argentina/ComodRivadavia".to_owned();
        pane.wish.range = "2026-08-26..2026-11-23".parse().unwrap();
        pane.look.sort = Sort::Name;
        pane.look.cursor = pane.rows().len() - 1;
    })
}

fn wide() -> DashboardFound {
    let mut found = typical_usage();
    for rows in found.figures.tables.values_mut() {
        for (name, totals) in rows {
            *name = format!("東京👩‍👩‍👧‍👦-{name}-{}", "x".repeat(60));
            totals.tokens.total = u64::MAX;
        }
    }
    found.figures.total.tokens.prompt = u64::MAX;
    found
}

#[test]
fn usage_over_time() {
    for chart in [Chart::Cost, Chart::FirstToken, Chart::Failures] {
        let model = change(usage(typical_usage(), None), |pane| pane.look.chart = chart);
        check(&format!("usage_{}", chart.title().to_lowercase().replace(' ', "_")), &model);
    }
}

#[test]
fn costs_that_nobody_knows_are_no_columns_of_nothing() {
    let mut found = typical_usage();
    found.figures.total.cost = CostSum { known: Usd::default(), priced: 0, unpriced: 214 };
    for point in &mut found.figures.series {
        point.totals.cost = CostSum { known: Usd::default(), priced: 0, unpriced: point.totals.runs.all };
    }
    let model = change(usage(found, None), |pane| pane.look.chart = Chart::Cost);
    check("usage_cost_unknown", &model);
}

/// A click selects the row it points at, wherever the table begins.
#[test]
fn a_click_selects_a_row() {
    let mut model = of_all(State::Long);
    let cursor = |model: &Model| model.ledger.usage.as_ref().unwrap().look.cursor;
    let last = cursor(&model);
    let table = seen(&mut model, (80, 24)).areas.table;
    assert!(table.first > 0 && table.first + usize::from(table.area.height) == last + 1, "{table:?}");
    press(&mut model, "M");
    click(&mut model, table.area.x + 3, table.area.y + 1);
    assert_eq!(cursor(&model), table.first + 1);
    let row = plain_row(&model, (80, 24), table.area.y + 1);
    assert!(row.contains("number-"), "{row}");
    click(&mut model, 3, 2);
    assert_eq!(cursor(&model), table.first + 1, "the tiles are no row");
}
