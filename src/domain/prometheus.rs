//! Sums as counters in the text format of Prometheus (exposition format 0.0.4), for `node_exporter`'s textfile
//! collector.

use std::fmt::Write as _;

use super::question::UsageGroup;
use super::totals::Totals;

/// One counter of a group: its further label, its value in words; `None` where nobody knows it.
type Sample = (Option<(&'static str, &'static str)>, Option<String>);

/// A metric: its name, what it counts, and its samples for a group.
struct Metric {
    name: &'static str,
    help: &'static str,
    samples: fn(&Totals) -> Vec<Sample>,
}

const METRICS: [Metric; 5] = [
    Metric {
        name: "switchboard_runs_total",
        help: "Runs that ended.",
        samples: |totals| vec![(None, Some(totals.runs.all.to_string()))],
    },
    Metric {
        name: "switchboard_tokens_total",
        help: "Tokens, reported and estimated. Cached are part of prompt, reasoning of completion.",
        samples: tokens,
    },
    Metric {
        name: "switchboard_estimated_runs_total",
        help: "Runs whose tokens were estimated.",
        samples: |totals| vec![(None, Some(totals.runs.estimated.to_string()))],
    },
    Metric {
        name: "switchboard_cost_usd_total",
        help: "Cost in US dollars of the runs whose cost is known.",
        samples: |totals| vec![(None, totals.cost.usd().map(|usd| usd.dollars().to_string()))],
    },
    Metric {
        name: "switchboard_unpriced_runs_total",
        help: "Runs whose cost is unknown.",
        samples: |totals| vec![(None, Some(totals.cost.unpriced.to_string()))],
    },
];

fn tokens(totals: &Totals) -> Vec<Sample> {
    let sums = &totals.tokens;
    let kinds = [
        ("prompt", sums.prompt),
        ("completion", sums.completion),
        ("cached", sums.cached),
        ("cache_write", sums.cache_write),
        ("reasoning", sums.reasoning),
    ];
    kinds.into_iter().map(|(kind, sum)| (Some(("kind", kind)), Some(sum.to_string()))).collect()
}

/// The text. Groups are by connector, model and outcome, in this order.
pub fn text(groups: &[UsageGroup]) -> String {
    let mut text = String::new();
    for metric in &METRICS {
        // Writing to a String cannot fail.
        _ = writeln!(text, "# HELP {} {}\n# TYPE {} counter", metric.name, metric.help, metric.name);
        for group in groups {
            for (further, value) in (metric.samples)(&group.totals) {
                let Some(value) = value else { continue };
                _ = writeln!(text, "{}{{{}}} {value}", metric.name, labels(&group.key, further));
            }
        }
    }
    text
}

fn labels(key: &[String], further: Option<(&str, &str)>) -> String {
    let named = ["connector", "model", "outcome"].into_iter().zip(key.iter().map(String::as_str));
    let labels: Vec<String> =
        named.chain(further).map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    labels.join(",")
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CostSum, RunCounts, TokenSums, Usd};

    #[test]
    fn counters_read_like_prometheus_and_what_is_unknown_is_no_zero() {
        let totals = Totals {
            runs: RunCounts { all: 3, ..RunCounts::default() },
            tokens: TokenSums { prompt: 9, completion: 3, total: 12, ..TokenSums::default() },
            cost: CostSum { known: Usd::default(), priced: 0, unpriced: 3 },
        };
        let key = ["a", "evil\"\\\nname", "ok"].map(str::to_owned).to_vec();
        let text = text(&[UsageGroup { bucket: None, key, totals }]);
        let labels = r#"connector="a",model="evil\"\\\nname",outcome="ok""#;
        for line in [
            format!("switchboard_runs_total{{{labels}}} 3"),
            format!("switchboard_tokens_total{{{labels},kind=\"prompt\"}} 9"),
            format!("switchboard_unpriced_runs_total{{{labels}}} 3"),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.lines().any(|line| line.starts_with("switchboard_cost")), "{text}");
    }
}
