//! `usage`: runs, tokens and cost of a span, split as asked. The same figures as the screen's.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::Context;
use super::args::UsageArgs;
use super::json::{GroupJson, TotalsJson, UsageReport};
use super::list::align;
use super::span::{filter, one_of, when};
use crate::domain::calendar::{Bucket, Range, rfc3339};
use crate::domain::{Dimension, ErrorKind, Failure, Totals, UsageGroup, UsageQuestion};

/// What `--by` named, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Split {
    Of(Dimension),
    Time(Bucket),
}

impl Split {
    fn word(self) -> &'static str {
        match self {
            Self::Of(dimension) => dimension.word(),
            Self::Time(bucket) => bucket.word(),
        }
    }
}

/// An answer, with its key in words.
struct Line {
    key: Vec<String>,
    totals: Totals,
}

pub(super) fn run(context: &mut Context, args: &UsageArgs) -> Result<u8, Failure> {
    let splits = splits(&args.by)?;
    let filter = filter(&args.filter)?;
    let reader = context.reader()?;
    let when = when(&args.span, &reader, Range::Today)?;
    let bucket = splits.iter().find_map(|split| match split {
        Split::Time(bucket) => Some(*bucket),
        Split::Of(_) => None,
    });
    let starts = bucket.map(|bucket| bucket.starts(when.span, &when.zone)).transpose();
    let buckets =
        starts.map_err(|problem| Failure::new(ErrorKind::Config, problem.to_string(), ""))?.unwrap_or_default();
    let by = splits.iter().filter_map(|split| match split {
        Split::Of(dimension) => Some(*dimension),
        Split::Time(_) => None,
    });
    let question = UsageQuestion { span: when.span, filter, by: by.collect(), buckets };
    let lines: Vec<Line> = reader.usage(&question)?.into_iter().map(|group| line(&splits, group, &when.zone)).collect();
    let total = reader.usage(&UsageQuestion { by: Vec::new(), buckets: Vec::new(), ..question })?;
    let total = total.into_iter().next().map(|group| group.totals).unwrap_or_default();
    context.say_whose(&reader);
    let all = if when.range == Range::Today { "today" } else { "total" };
    if args.json {
        context.io.json(&report(when.span, &splits, (&lines, &total)))?;
    } else if args.csv {
        context.io.write(&csv(&splits, &lines)?)?;
    } else if args.markdown {
        let rows = rows(&splits, (&lines, &total), all);
        markdown(&rows).iter().try_for_each(|line| context.io.line(line))?;
    } else {
        align(&rows(&splits, (&lines, &total), all)).iter().try_for_each(|line| context.io.line(line))?;
    }
    Ok(0)
}

fn splits(words: &[String]) -> Result<Vec<Split>, Failure> {
    let of = Dimension::ALL.map(|dimension| (dimension.word(), Split::Of(dimension)));
    let time = Bucket::ALL.map(|bucket| (bucket.word(), Split::Time(bucket)));
    let known: [(&str, Split); 12] =
        std::array::from_fn(|at| match (of.get(at), time.get(at.saturating_sub(of.len()))) {
            (Some(known), _) | (None, Some(known)) => *known,
            (None, None) => ("", Split::Time(Bucket::Day)),
        });
    let mut splits = Vec::new();
    for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
        let split = one_of("by", word, known)?;
        let again = splits.contains(&split);
        let second = matches!(split, Split::Time(_)) && splits.iter().any(|other| matches!(other, Split::Time(_)));
        if again || second {
            let message = format!("--by: {word} cannot be added to what is there already");
            return Err(Failure::new(ErrorKind::Config, message, "name each once, and one of hour, day, week, month"));
        }
        splits.push(split);
    }
    Ok(splits)
}

fn line(splits: &[Split], group: UsageGroup, zone: &TimeZone) -> Line {
    let mut words = group.key.into_iter();
    let key = splits.iter().map(|split| match split {
        Split::Time(bucket) => group.bucket.map(|start| bucket.label(start, zone)).unwrap_or_default(),
        Split::Of(_) => words.next().unwrap_or_default(),
    });
    Line { key: key.collect(), totals: group.totals }
}

fn report(span: crate::domain::Span, splits: &[Split], (lines, total): (&[Line], &Totals)) -> UsageReport {
    let key = |line: &Line| -> Map<String, Value> {
        let words = splits.iter().zip(&line.key);
        // What nobody knows is null, not an empty name.
        words.map(|(split, word)| (split.word().to_owned(), some(word).map_or(Value::Null, Value::from))).collect()
    };
    UsageReport {
        from: moment(span.from_ms),
        to: moment(span.until_ms),
        by: splits.iter().map(|split| split.word()).collect(),
        groups: lines.iter().map(|line| GroupJson { key: key(line), totals: TotalsJson::from(&line.totals) }).collect(),
        total: TotalsJson::from(total),
    }
}

fn moment(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_beyond| rfc3339(at_ms), |at| at.to_string())
}

fn some(word: &str) -> Option<&str> {
    Some(word).filter(|word| !word.is_empty())
}

const FIGURES: [&str; 9] =
    ["runs", "failed", "cancelled", "prompt", "completion", "cached", "reasoning", "total", "cost"];

/// Head, groups and sum, as a person reads them.
fn rows(splits: &[Split], (lines, total): (&[Line], &Totals), all: &str) -> Vec<Vec<String>> {
    let head = splits.iter().map(|split| split.word()).chain(FIGURES).map(str::to_owned).collect();
    let mut rows: Vec<Vec<String>> = vec![head];
    for line in lines {
        let key = line.key.iter().map(|word| some(word).unwrap_or("-").to_owned());
        rows.push(key.chain(figures(&line.totals)).collect());
    }
    if !splits.is_empty() {
        let name = std::iter::once(all.to_owned()).chain(std::iter::repeat_n(String::new(), splits.len() - 1));
        rows.push(name.chain(figures(total)).collect());
    }
    rows
}

fn figures(totals: &Totals) -> [String; 9] {
    let (runs, tokens) = (&totals.runs, &totals.tokens);
    // One estimate among them makes a sum an estimate.
    let mark = if runs.estimated > 0 { "~" } else { "" };
    let marked = |count: u64| format!("{mark}{count}");
    let cost = totals.cost.told();
    [
        runs.all.to_string(),
        runs.failed.to_string(),
        runs.cancelled.to_string(),
        marked(tokens.prompt),
        marked(tokens.completion),
        marked(tokens.cached),
        marked(tokens.reasoning),
        marked(tokens.total),
        if cost.starts_with('$') { format!("{mark}{cost}") } else { cost },
    ]
}

fn markdown(rows: &[Vec<String>]) -> Vec<String> {
    let escaped = |cell: &String| crate::domain::text::clean_line(cell).replace('\\', "\\\\").replace('|', "\\|");
    let mut lines: Vec<String> =
        rows.iter().map(|row| format!("| {} |", row.iter().map(escaped).collect::<Vec<_>>().join(" | "))).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let rule = |at: usize| if at + FIGURES.len() < columns { "---" } else { "---:" };
    lines.insert(1, format!("| {} |", (0..columns).map(rule).collect::<Vec<_>>().join(" | ")));
    lines
}

/// Plain figures: estimates and what has no price are columns of their own.
fn csv(splits: &[Split], lines: &[Line]) -> Result<String, Failure> {
    const COLUMNS: [&str; 12] = [
        "runs",
        "failed",
        "cancelled",
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
        "estimated_runs",
        "cost_usd",
        "unpriced_runs",
    ];
    let head = splits.iter().map(|split| split.word()).chain(COLUMNS).map(str::to_owned).collect::<Vec<_>>();
    let rows = lines.iter().map(|line| {
        let Totals { runs, tokens, cost } = &line.totals;
        let counts = [runs.all, runs.failed, runs.cancelled, tokens.prompt, tokens.completion, tokens.total]
            .into_iter()
            .chain([tokens.cached, tokens.cache_write, tokens.reasoning, runs.estimated]);
        let usd = cost.usd().map(|usd| usd.dollars().to_string()).unwrap_or_default();
        let figures = counts.map(|count| count.to_string()).chain([usd, cost.unpriced.to_string()]);
        line.key.iter().cloned().chain(figures).collect::<Vec<_>>()
    });
    super::export::csv(std::iter::once(head).chain(rows))
}
