//! The words of the command line. Completions and the manual page are made from them.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::runtime::Clipboard;

/// A terminal workbench for LLM connectors.
///
/// Without a command it opens the screen. Data goes to stdout, talk to stderr.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// The configuration file, where it is not the usual one.
    // SWITCHBOARD_CONFIG is read with the other variables, where the paths are decided.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Who copies for the screen: tmux inside of tmux, else the terminal by OSC 52 (auto); one of them; or nobody.
    #[arg(long, global = true, value_name = "HOW", value_enum, default_value_t = CopyBy::Auto)]
    pub(crate) clipboard: CopyBy,
    /// How the screen is opened.
    #[command(flatten)]
    pub(crate) screen: ScreenArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Who copies for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CopyBy {
    Auto,
    Tmux,
    Osc52,
    Off,
}

impl From<CopyBy> for Clipboard {
    fn from(wish: CopyBy) -> Self {
        match wish {
            CopyBy::Auto => Self::Auto,
            CopyBy::Tmux => Self::Tmux,
            CopyBy::Osc52 => Self::Osc52,
            CopyBy::Off => Self::Off,
        }
    }
}

/// How the screen is opened, where no command is given.
#[derive(Debug, Args)]
pub(crate) struct ScreenArgs {
    /// Test line by line, for screen readers and simple terminals: no drawing, no cursor, one thing after the other.
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "", conflicts_with = "screenshot")]
    pub(crate) plain: Option<String>,
    /// Draw the screen into an SVG, or to stdout (-), instead of opening it. In the screen a key does it.
    #[arg(long, value_name = "FILE|-")]
    pub(crate) screenshot: Option<PathBuf>,
    /// Columns and rows of the picture.
    #[arg(long, value_name = "COLSxROWS", default_value = "120x40", value_parser = size, requires = "screenshot")]
    pub(crate) size: (u16, u16),
}

mod ledger;
mod prices;
mod secret;

pub(crate) use ledger::{
    EventsArgs, ExportArgs, ExportCommand, ExportFormat, FilterArgs, RunsArgs, SpanArgs, UsageArgs,
};
pub(crate) use prices::{PricesCommand, ShowPriceArgs};
pub(crate) use secret::{MigrateArgs, RemoveSecretArgs, SecretCommand};

/// Not a doc comment: its `api_key=-` is meant for a terminal, without backticks.
const SET_HELP: &str = "Any other field, as in the file; header.NAME=VALUE for a header; api_key=- reads the key from stdin; \
                        config example shows every field";

const EDIT_SET_HELP: &str = "A field and its new value, as in `add`; an empty one clears it. Without any --set, the \
                             file opens in $VISUAL, $EDITOR or vi";

const EXIT_CODES: &str = "\
Exit codes:
  0    ok
  1    anything else
  2    usage, config, secret, policy
  3    dns, connect, proxy, tls
  4    auth
  5    the server refused, failed or answered badly
  6    a time limit passed
  7    a budget is spent
  130  cancelled";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the connectors.
    List(Output),
    /// Show one connector: its fields, how its URL is read, its limits; or its network policy.
    Show(ShowArgs),
    /// Add a connector.
    Add(AddArgs),
    /// Change a connector: with --set, or in $EDITOR.
    Edit(EditArgs),
    /// Remove a connector.
    Remove(RemoveArgs),
    /// Send a request and stream the reply to stdout.
    Test(TestArgs),
    /// Check a connector stage by stage, and say what is wrong and what to change.
    Doctor(DoctorArgs),
    /// Probe connectors again and again by the doctor's cheap stages.
    Watch(WatchArgs),
    /// Runs, tokens and cost: today's by connector, or as asked.
    Usage(UsageArgs),
    /// The event log, newest first.
    Events(EventsArgs),
    /// What the event log holds, in the formats of others.
    #[command(subcommand)]
    Export(ExportCommand),
    /// What tokens cost: which price applies, and lists to import.
    #[command(subcommand)]
    Prices(PricesCommand),
    /// The encrypted vault of secrets: set, list, remove, rotate, migrate.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Serve the loopback provider in the foreground.
    Sandbox(SandboxArgs),
    /// Open the screen on a temporary configuration against the sandbox.
    Demo,
    /// The configuration file: where it is, whether it is good, an example.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page.
    Man,
}

/// How data is printed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Output {
    /// One JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The connector's id.
    pub(crate) id: String,
    /// The network policy: every value beside where it came from.
    #[arg(long)]
    pub(crate) network: bool,
    /// How it is printed.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `add`.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The new connector's id: lower-case letters, digits, hyphens.
    pub(crate) id: String,
    /// openai, azure-openai or other.
    #[arg(long)]
    pub(crate) provider: String,
    /// A full endpoint, a base that ends in /v1, or a bare Azure host.
    #[arg(long)]
    pub(crate) url: String,
    /// What the list shows [default: the id].
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[arg(help = SET_HELP, long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// How the result is printed.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `edit`.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// The connector's id.
    pub(crate) id: String,
    #[arg(help = EDIT_SET_HELP, long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// How the result is printed.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `remove`.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// The connector's id.
    pub(crate) id: String,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// The connector's id.
    pub(crate) id: String,
    /// The body to send, from a file or from stdin (-).
    #[arg(long, value_name = "FILE|-", conflicts_with = "prompt")]
    pub(crate) body: Option<PathBuf>,
    /// A prompt; the body takes the shape of the endpoint.
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Option<String>,
    /// The model to ask for, over the body's and the connector's own.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Ask for the reply in one piece.
    #[arg(long)]
    pub(crate) no_stream: bool,
    /// Run though a budget is spent.
    #[arg(long)]
    pub(crate) over_budget: bool,
    /// How the run is printed.
    #[command(flatten)]
    pub(crate) form: TestForm,
}

/// `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The connector's id.
    pub(crate) id: String,
    /// Leave the proxy out, and change nothing else.
    #[arg(long)]
    pub(crate) without_proxy: bool,
    /// How the report is printed.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The connectors' ids [default: all].
    pub(crate) ids: Vec<String>,
    /// How long to wait between two rounds, 1s or more.
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub(crate) every: String,
    /// Make the doctor's two short calls too; they have a price.
    #[arg(long)]
    pub(crate) calls: bool,
    /// End at the first failure, with the exit code of its kind.
    #[arg(long)]
    pub(crate) until_failure: bool,
    /// End after so many rounds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// One JSON object a probe, in a line.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How `test` prints its run.
#[derive(Debug, Args)]
pub(crate) struct TestForm {
    /// One JSON object at the end instead of text.
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) json: bool,
    /// One JSON object for each event, and the result last.
    #[arg(long)]
    pub(crate) jsonl: bool,
}

/// `sandbox`.
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// Where to listen; loopback addresses alone.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Accept every key, and none.
    #[arg(long)]
    pub(crate) no_auth: bool,
    /// Milliseconds before the first token.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=3_600_000))]
    pub(crate) first_token_ms: u64,
    /// Tokens a second after it.
    #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = rate, allow_negative_numbers = true)]
    pub(crate) tokens_per_second: f64,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print where the file is.
    Path,
    /// Read the file and list everything that is wrong with it.
    Check(Output),
    /// Print an example that documents every key.
    Example,
}

/// As `stty size` and people have them: a picture of more is of no use.
fn size(text: &str) -> Result<(u16, u16), String> {
    let side = |text: &str| text.parse().ok().filter(|side| (1..=1000).contains(side));
    let sides = text.split_once(['x', '×']).and_then(|(columns, rows)| side(columns).zip(side(rows)));
    sides.ok_or_else(|| "use columns and rows from 1 to 1000, for example 120x40".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: Result<f64, _> = text.parse();
    let rate = rate.ok().filter(|rate| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "use a number above 0, for example 60 or 0.5".to_owned())
}
