//! Usage to draw: a week of three connectors, some of it estimated, some of it without a price.

use std::time::Duration;

use super::fixtures::model;
use crate::app::Model;
use crate::app::model::Screen;
use crate::app::question::DashboardFound;
use crate::app::usage::UsagePane;
use crate::domain::calendar::Bucket;
use crate::domain::{
    CostSum, Dashboard, Dimension, ErrorKind, Latency, Percentiles, Point, RunCounts, Span, TokenSums, Totals, Usd,
};

/// A model whose usage screen shows this.
pub(super) fn usage(found: DashboardFound, connector: Option<&str>) -> Model {
    let mut model = model();
    let mut pane = UsagePane::new(connector.map(str::to_owned));
    pane.found = Some(found);
    model.ledger.usage = Some(pane);
    model.view.screen = Screen::Usage;
    model
}

fn totals(scale: u64, estimated: u64) -> Totals {
    Totals {
        runs: RunCounts { all: 7 * scale, failed: scale / 2, cancelled: 1, estimated },
        tokens: TokenSums {
            prompt: 9_000 * scale,
            completion: 3_000 * scale,
            total: 12_000 * scale,
            cached: 4_000 * scale,
            cache_write: 0,
            reasoning: 1_000 * scale,
        },
        cost: CostSum {
            known: Usd::from_nanos(184_000_000 * i64::try_from(scale).unwrap()),
            priced: scale,
            unpriced: 2,
        },
    }
}

fn percentiles(millis: u64) -> Percentiles {
    let times = [millis, millis * 3, millis * 5].map(Duration::from_millis);
    Percentiles { p50: times[0], p95: times[1], p99: times[2], count: 70 }
}

fn latency(millis: u64) -> Latency {
    Latency { first_token: Some(percentiles(millis)), total: Some(percentiles(millis * 4)) }
}

/// A week by day; nothing ran on the third.
pub(super) fn typical_usage() -> DashboardFound {
    let day = |day: u64| {
        let point = Point { from_ms: 0, ..Point::default() };
        let failures = vec![(ErrorKind::RateLimit, day), (ErrorKind::Auth, 1)];
        if day == 3 {
            point
        } else {
            Point { totals: totals(day, 0), failures, latency: latency(100 + 10 * day), ..point }
        }
    };
    let row = |name: &str, scale, estimated| (name.to_owned(), totals(scale, estimated));
    let connectors = vec![row("azure-prod", 12, 0), row("openai-prod", 9, 3), row("gw-internal", 4, 0)];
    let figures = Dashboard {
        total: totals(25, 3),
        per_minute: (0..60).collect(),
        series: (1..=7).map(day).collect(),
        tables: [(Dimension::Connector, connectors), (Dimension::Model, vec![row("gpt-4.1-2025-04-14", 25, 3)])].into(),
        latency: latency(120),
    };
    DashboardFound { figures, span: Span { from_ms: 0, until_ms: 1 }, bucket: Bucket::Day, labels: labels(7) }
}

/// The names of so many days up to 23 November.
pub(super) fn labels(days: i64) -> Vec<String> {
    let last: jiff::civil::Date = "2026-11-23".parse().unwrap();
    let day = |back: i64| last.checked_sub(jiff::Span::new().days(back)).unwrap();
    (0..days).rev().map(|back| day(back).strftime("%a %-d %b").to_string()).collect()
}
