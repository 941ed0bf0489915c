//! `usage`: today's runs and tokens, by connector.

use jiff::{Timestamp, ZonedDateTime};

use super::Context;
use super::args::Output;
use super::json::{GroupJson, KeyJson, TotalsJson, UsageReport};
use super::list::align;
use crate::domain::{Dimension, ErrorKind, Failure, RunFilter, Span, Totals, UsageQuestion};
use crate::store::Reader;

pub(super) fn run(context: &mut Context, output: Output) -> Result<u8, Failure> {
    let now = ZonedDateTime::now();
    let midnight = now.start_of_day().map_err(|error| Failure::new(ErrorKind::Internal, error.to_string(), ""))?;
    let (from, to) = (midnight.timestamp(), now.timestamp());
    let reader = Reader::open(&context.paths()?.event_log())?;
    let span = Span { from_ms: from.as_millisecond(), until_ms: to.as_millisecond() + 1 };
    let question =
        UsageQuestion { span, filter: RunFilter::default(), by: vec![Dimension::Connector], buckets: Vec::new() };
    let total = reader.total(span)?;
    let rows: Vec<(String, Totals)> =
        reader.usage(&question)?.into_iter().map(|group| (group.key.concat(), group.totals)).collect();
    if output.json {
        context.io.json(&report(from, to, &rows, &total))?;
    } else {
        for line in table(&rows, &total) {
            context.io.line(&line)?;
        }
    }
    Ok(0)
}

fn report(from: Timestamp, to: Timestamp, rows: &[(String, Totals)], total: &Totals) -> UsageReport {
    let group = |(connector, totals): &(String, Totals)| GroupJson {
        key: KeyJson { connector: connector.clone() },
        totals: TotalsJson::from(totals),
    };
    UsageReport {
        from: from.to_string(),
        to: to.to_string(),
        by: vec!["connector"],
        groups: rows.iter().map(group).collect(),
        total: TotalsJson::from(total),
    }
}

fn table(rows: &[(String, Totals)], total: &Totals) -> Vec<String> {
    let head = ["connector", "runs", "failed", "cancelled", "prompt", "completion", "cached", "reasoning", "total"];
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(rows.iter().map(|(connector, totals)| cells(connector, totals)));
    lines.push(cells("today", total));
    align(&lines)
}

fn cells(name: &str, totals: &Totals) -> [String; 9] {
    let ran = [totals.runs.all, totals.runs.failed, totals.runs.cancelled];
    let [runs, failed, cancelled] = ran.map(|figure| figure.to_string());
    let sums = &totals.tokens;
    let tokens = [sums.prompt, sums.completion, sums.cached, sums.reasoning, sums.total];
    // One estimate among them makes a sum an estimate.
    let mark = if totals.runs.estimated > 0 { "~" } else { "" };
    let [prompt, completion, cached, reasoning, total] = tokens.map(|figure| format!("{mark}{figure}"));
    [name.to_owned(), runs, failed, cancelled, prompt, completion, cached, reasoning, total]
}
