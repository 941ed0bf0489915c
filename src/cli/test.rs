//! `test ID`: one run on the same path as the screen's, streamed to stdout.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Context;
use super::args::TestArgs;
use super::json::TestResult;
use super::stream::{self, Format, Show};
use crate::config::Config;
use crate::domain::budget::Action;
use crate::domain::{
    Budget, Connector, Cost, Endpoint, ErrorKind, Failure, Outcome, RunEnd, RunEvent, RunId, Source, Transcript, text,
};
use crate::provider::{self, Call, Mode};

/// Cancelled by the person: 128 + SIGINT, as shells count.
pub(super) const CANCELLED: u8 = 130;
/// Batches of events between the wire and stdout; a slow reader slows the wire.
const QUEUE: usize = 64;

pub(super) fn run(context: &mut Context, args: &TestArgs) -> Result<u8, Failure> {
    run_as(context, args, format(args))
}

/// [`run`], shown in a form of one's own.
pub(super) fn run_as(context: &mut Context, args: &TestArgs, format: Format) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let config = context.config()?;
    let connector = context.find(&config, &args.id)?.connector.clone();
    let call = call(&config, connector, args)?;
    if !args.over_budget {
        within_budgets(context, &config, &call)?;
    }
    if format == Format::Text {
        context.io.say(&opening(&call));
    }
    let asked = Timestamp::now();
    let (shown, end) = super::tokio_runtime()?.block_on(watch(context, &call, format));
    let (started, caller) = (asked.as_millisecond(), provider::caller(Source::Command));
    let row = provider::record(&call, &end, started, caller, &config.settings.prices);
    let cost = row.cost.clone();
    // Recorded before anything else can fail: the run was made, whether or not somebody reads it to its end.
    super::record::record(context, &paths, &config, row);
    finish(context, &call.connector, Told { transcript: shown?, end, cost }, format)
}

/// Refuses a run while a budget that counts it and blocks is spent.
fn within_budgets(context: &mut Context, config: &Config, call: &Call) -> Result<(), Failure> {
    let connector = &call.connector;
    let body = provider::check_body(&call.body).ok();
    let named = body.as_ref().and_then(|body| body.get("model")?.as_str());
    let model = named.or(connector.default_model.as_deref());
    let counted = config.settings.budgets.iter().filter(|budget| budget.counts(connector.id.as_str(), model));
    let budgets: Vec<Budget> = counted.filter(|budget| budget.action == Action::Block).cloned().collect();
    if budgets.is_empty() {
        return Ok(());
    }
    let hint = "wait for the next day, week or month, raise it in [budgets], or say --over-budget";
    let refused = |message: String| Failure::new(ErrorKind::Budget, message, hint);
    let now = Timestamp::now().as_millisecond();
    let cannot = |error: &dyn std::fmt::Display| refused(format!("budgets cannot be checked: {error}"));
    let reader = context.reader_by(&config.settings).map_err(|error| cannot(&error))?;
    let spending = reader.spending(&budgets, now, &TimeZone::system()).map_err(|error| cannot(&error))?;
    context.say_whose(&reader);
    match spending.iter().find(|spending| spending.blocks()) {
        Some(spent) => Err(refused(spent.told())),
        None => Ok(()),
    }
}

fn format(args: &TestArgs) -> Format {
    match (args.form.json, args.form.jsonl) {
        (true, _) => Format::Json,
        (false, true) => Format::JsonLines,
        (false, false) => Format::Text,
    }
}

fn call(config: &Config, connector: Connector, args: &TestArgs) -> Result<Call, Failure> {
    let policy = config.policy(&connector);
    let body = body(&connector, args)?;
    Ok(Call {
        run: RunId::from_u128(uuid::Uuid::now_v7().as_u128()),
        body,
        policy,
        mode: if args.no_stream { Mode::Plain } else { Mode::Stream },
        queued: Duration::ZERO,
        connector,
    })
}

/// The body: given, made from the prompt, or the one the test pane starts with; `--model` goes over all.
fn body(connector: &Connector, args: &TestArgs) -> Result<String, Failure> {
    let endpoint = endpoint(connector)?;
    let model = args.model.as_deref().or(connector.default_model.as_deref());
    let body = match (&args.body, &args.prompt) {
        (Some(path), _) if path.as_os_str() == "-" => super::io::Io::stdin()?,
        (Some(path), _) => std::fs::read_to_string(path).map_err(|error| {
            Failure::new(
                ErrorKind::Config,
                format!("the body {} cannot be read: {}", path.display(), super::io::reason(&error)),
                "name a file with JSON, or - for stdin",
            )
        })?,
        (None, Some(prompt)) => provider::body_for_prompt(endpoint.kind, prompt, None),
        (None, None) => provider::prefilled_body(endpoint.kind, connector.provider, model),
    };
    match &args.model {
        Some(model) => with_model(&body, model),
        None => Ok(body),
    }
}

fn endpoint(connector: &Connector) -> Result<Endpoint, Failure> {
    Endpoint::read(&connector.url, connector.provider)
        .map_err(|problem| Failure::new(ErrorKind::Config, format!("{}: url: {problem}", connector.id), ""))
}

/// A body that is no JSON object is left as it is: sending it says what is wrong.
fn with_model(body: &str, model: &str) -> Result<String, Failure> {
    let Ok(mut value) = provider::check_body(body) else { return Ok(body.to_owned()) };
    if let Some(object) = value.as_object_mut() {
        object.insert("model".to_owned(), Value::from(model));
    }
    serde_json::to_string_pretty(&value).map_err(|error| Failure::new(ErrorKind::Internal, error.to_string(), ""))
}

fn opening(call: &Call) -> String {
    let called = provider::preview(call, &provider::Memory::default()).map(|preview| preview.url);
    format!("{}  POST {}", call.connector.id, text::clean_line(&called.unwrap_or_default()))
}

/// Runs the call and shows its events as they come.
async fn watch(context: &mut Context, call: &Call, format: Format) -> (Result<Transcript, Failure>, RunEnd) {
    let services = super::services(&context.env);
    let cancel = CancellationToken::new();
    let (sender, mut events) = mpsc::channel::<(RunId, Vec<RunEvent>)>(QUEUE);
    let run = async {
        let end = provider::execute(call.clone(), &services, &sender, cancel.clone()).await;
        drop(sender);
        end
    };
    let show = async {
        let (mut transcript, mut show) = (Transcript::default(), Show::new(format));
        let mut interrupted = std::pin::pin!(super::interrupted());
        loop {
            let batch = tokio::select! {
                biased;
                () = &mut interrupted, if !cancel.is_cancelled() => { cancel.cancel(); continue }
                batch = events.recv() => batch,
            };
            let Some((_, batch)) = batch else { return Ok::<_, Failure>(transcript) };
            for event in batch {
                show.event(&mut context.io, &event).inspect_err(|_failed| cancel.cancel())?;
                transcript.apply(event);
            }
        }
    };
    let (end, shown) = tokio::join!(run, show);
    (shown, end)
}

/// A run that is over, and all there is to tell of it.
pub(super) struct Told {
    pub(super) transcript: Transcript,
    pub(super) end: RunEnd,
    pub(super) cost: Option<Cost>,
}

fn finish(context: &mut Context, connector: &Connector, told: Told, format: Format) -> Result<u8, Failure> {
    let (outcome, failure) = (told.end.outcome, told.end.failure.clone());
    match format {
        Format::Text => stream::show_end(&mut context.io, &told)?,
        Format::Plain => stream::plain::end(&mut context.io, &told)?,
        Format::Json => context.io.json(&TestResult::new(connector, told))?,
        Format::JsonLines => context.io.json_line(&TestResult::new(connector, told))?,
    }
    Ok(match (outcome, &failure) {
        (Outcome::Ok, _) => 0,
        (Outcome::Cancelled, _) => CANCELLED,
        (Outcome::Error, failure) => failure.as_ref().map_or(ErrorKind::Internal, |failure| failure.kind).exit_code(),
    })
}
