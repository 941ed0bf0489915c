//! The words of the commands that ask the event log.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::calendar::{Moment, Range};
use crate::domain::units;

/// Which time.
#[derive(Debug, Clone, Args)]
pub(crate) struct SpanArgs {
    /// From then on: 2026-11-01, 2026-11-01T08:30:00Z, or so long ago: 36h, 7d.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Moment>,
    /// Up to then; a day is meant to its end.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Moment>,
    /// today, 7d, 30d, 90d, all, or FROM..TO.
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["since", "until"])]
    pub(crate) range: Option<Range>,
    /// The time zone of days: local, UTC, or a name such as Europe/Berlin.
    #[arg(long, value_name = "ZONE", default_value = "local")]
    pub(crate) zone: String,
}

/// Which runs.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FilterArgs {
    /// Runs of this connector alone.
    #[arg(long, value_name = "ID")]
    pub(crate) connector: Option<String>,
    /// Runs that this model answered.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Runs of this person.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Runs on this machine.
    #[arg(long, value_name = "NAME")]
    pub(crate) machine: Option<String>,
    /// ok, error or cancelled.
    #[arg(long, value_name = "WORD")]
    pub(crate) outcome: Option<String>,
    /// Runs that failed in this way: auth, rate-limit, timeout, …
    #[arg(long, value_name = "KIND")]
    pub(crate) error_kind: Option<String>,
}

/// `usage`.
#[derive(Debug, Args)]
pub(crate) struct UsageArgs {
    /// Which time.
    #[command(flatten)]
    pub(crate) span: SpanArgs,
    /// Which runs.
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// What to split by: connector, model, provider, user, machine, source, outcome, `error_kind`, and one of hour, day, week, month.
    #[arg(long, value_name = "WORDS", value_delimiter = ',', default_value = "connector")]
    pub(crate) by: Vec<String>,
    /// One JSON document instead of text.
    #[arg(long, conflicts_with_all = ["csv", "markdown"])]
    pub(crate) json: bool,
    /// Comma-separated values, a head line first.
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) csv: bool,
    /// A Markdown table.
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// Which runs of the event log.
#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    /// Which time.
    #[command(flatten)]
    pub(crate) span: SpanArgs,
    /// Which runs.
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Runs that took longer than this: 2s, 500ms.
    #[arg(long, value_name = "TIME", value_parser = units::parse_duration)]
    pub(crate) slower_than: Option<std::time::Duration>,
    /// Runs with this text in a name or the request id.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
}

/// `events`.
#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    /// Which runs.
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
    /// At most so many; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: usize,
    /// Runs older than this key, newest first: the next page.
    #[arg(long, value_name = "KEY")]
    pub(crate) before: Option<String>,
    /// Runs newer than this key, oldest first.
    #[arg(long, value_name = "KEY", conflicts_with = "before")]
    pub(crate) after: Option<String>,
    /// Show new runs as they are recorded, until ctrl-c.
    #[arg(long, conflicts_with_all = ["before", "json", "limit"])]
    pub(crate) follow: bool,
    /// How they are printed.
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// How runs are printed.
#[derive(Debug, Args)]
pub(crate) struct FormArgs {
    /// One JSON document with the runs and the key of the next page.
    #[arg(long, conflicts_with_all = ["jsonl", "csv"])]
    pub(crate) json: bool,
    /// One JSON object a run.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) jsonl: bool,
    /// Comma-separated values, a head line first.
    #[arg(long)]
    pub(crate) csv: bool,
}

/// `export`.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Every run, oldest first.
    Events(Box<ExportArgs>),
    /// Counters for Prometheus, in the text format of `node_exporter`'s textfile collector.
    Metrics(MetricsArgs),
}

/// `export events`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Which runs.
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
    /// The format.
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// A file to write instead of stdout; it is replaced when all is written.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What others read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A bulk request with documents named as Kibana's event log names them.
    Kibana,
    /// One JSON object a run, as `events --jsonl`.
    Ndjson,
    /// Comma-separated values.
    Csv,
}

/// `export metrics`.
#[derive(Debug, Args)]
pub(crate) struct MetricsArgs {
    /// A file to write instead of stdout; it is replaced when all is written.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
