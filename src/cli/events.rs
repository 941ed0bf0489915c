//! `events`: the event log, page by page, or as it grows.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::Context;
use super::args::EventsArgs;
use super::export::{self, columns};
use super::json::EventJson;
use super::list::align;
use super::span::{key, key_text, runs, same_log, when};
use crate::domain::calendar::{self, Range};
use crate::domain::{
    EventKey, EventPage, EventQuestion, Failure, Outcome, PageFrom, RunFilter, RunId, RunRecord, Span, UsageSource,
};
use crate::store::Reader;

/// Runs that are read at once where all are asked for.
const PAGE: usize = 500;
/// How often `--follow` looks.
const LOOK: Duration = Duration::from_millis(400);
/// A run is recorded when it ends and stands in the log where it began: how far back `--follow` looks for runs that
/// ended late. No attempt takes longer unless the file says so.
const LATE_MS: i64 = 15 * 60 * 1000;

/// How runs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Json,
    JsonLines,
    Csv,
}

/// What is asked, page after page.
struct Asked {
    reader: Reader,
    filter: RunFilter,
    span: Span,
    zone: TimeZone,
    form: Form,
}

pub(super) fn run(context: &mut Context, args: &EventsArgs) -> Result<u8, Failure> {
    let reader = context.reader()?;
    let when = when(&args.runs.span, &reader, Range::All)?;
    context.say_whose(&reader);
    let form = match (args.form.json, args.form.jsonl, args.form.csv) {
        (true, _, _) => Form::Json,
        (_, true, _) => Form::JsonLines,
        (_, _, true) => Form::Csv,
        (false, false, false) => Form::Text,
    };
    let asked = Asked { reader, filter: runs(&args.runs)?, span: when.span, zone: when.zone, form };
    let from = match (&args.before, &args.after) {
        (Some(text), _) => PageFrom::OlderThan(key(text)?),
        (None, Some(text)) => PageFrom::NewerThan(key(text)?),
        (None, None) => PageFrom::Newest,
    };
    asked.head(context)?;
    if args.follow {
        return asked.follow(context, from);
    }
    let next = asked.pages(context, from, args.limit)?;
    if let (Some(next), Form::Text) = (next, form) {
        let word = if args.after.is_some() { "after" } else { "before" };
        context.io.say(&format!("more: --{word} {}", key_text(next)));
    }
    Ok(0)
}

impl Asked {
    fn page(&self, from: PageFrom, limit: usize) -> Result<EventPage, Failure> {
        let question = EventQuestion { span: self.span, filter: self.filter.clone(), from, limit };
        Ok(self.reader.events(&question)?)
    }

    /// Prints at most `limit` runs, or all of them, and tells where the next page begins. Memory holds one page.
    fn pages(&self, context: &mut Context, mut from: PageFrom, limit: usize) -> Result<Option<EventKey>, Failure> {
        if self.form == Form::Json {
            let page = self.page(from, if limit == 0 { usize::MAX / 2 } else { limit })?;
            export::document(&mut context.io, &page)?;
            return Ok(page.next);
        }
        let began = self.reader.answering();
        let mut left = if limit == 0 { usize::MAX } else { limit };
        loop {
            let page = self.page(from, left.min(PAGE))?;
            same_log(&self.reader, began)?;
            self.print(context, &page.runs)?;
            left = left.saturating_sub(page.runs.len());
            match page.next {
                Some(next) if left > 0 => from = onwards(from, next),
                next => return Ok(next),
            }
        }
    }

    /// Prints what is recorded from now on.
    fn follow(mut self, context: &mut Context, from: PageFrom) -> Result<u8, Failure> {
        self.span.until_ms = i64::MAX;
        let last = match from {
            PageFrom::NewerThan(key) => Some(key),
            PageFrom::Newest | PageFrom::OlderThan(_) | PageFrom::Oldest => {
                self.page(PageFrom::Newest, 1)?.runs.first().map(RunRecord::key)
            }
        };
        let mut told = last.into_iter().collect();
        let newer: Vec<RunRecord> = self.untold(&mut told)?.into_iter().filter(|run| Some(run.key()) > last).collect();
        self.print(context, &newer)?;
        super::tokio_runtime()?.block_on(async {
            let mut interrupted = std::pin::pin!(super::interrupted());
            loop {
                tokio::select! {
                    () = &mut interrupted => return Ok(0),
                    () = tokio::time::sleep(LOOK) => {}
                }
                if self.reader.changed()? {
                    let fresh = self.untold(&mut told)?;
                    self.print(context, &fresh)?;
                }
            }
        })
    }

    /// Runs that are not among those `told`, of the time in which a run may still turn up; they are told now.
    fn untold(&self, told: &mut BTreeSet<EventKey>) -> Result<Vec<RunRecord>, Failure> {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        // A clock that was set back leaves runs behind that lie in its future.
        let newest = told.last().map(|newest| newest.started_at_ms.min(now_ms));
        let begin =
            newest.map(|newest| EventKey { started_at_ms: newest.saturating_sub(LATE_MS), id: RunId::from_u128(0) });
        let mut from = begin.map_or(PageFrom::Oldest, PageFrom::NewerThan);
        let mut fresh = Vec::new();
        loop {
            let page = self.page(from, PAGE)?;
            fresh.extend(page.runs.into_iter().filter(|run| told.insert(run.key())));
            let Some(next) = page.next else { break };
            from = PageFrom::NewerThan(next);
        }
        if let Some(begin) = begin {
            *told = told.split_off(&begin);
        }
        Ok(fresh)
    }

    fn head(&self, context: &mut Context) -> Result<(), Failure> {
        match self.form {
            Form::Csv => context.io.write(&export::csv([columns::names()])?),
            Form::Text | Form::Json | Form::JsonLines => Ok(()),
        }
    }

    fn print(&self, context: &mut Context, runs: &[RunRecord]) -> Result<(), Failure> {
        match self.form {
            Form::Text => {
                let rows: Vec<[String; 7]> = runs.iter().map(|run| self.cells(run)).collect();
                align(&rows).iter().try_for_each(|line| context.io.line(line))
            }
            Form::JsonLines => runs.iter().try_for_each(|run| context.io.json_line(&EventJson::from(run))),
            Form::Csv => context.io.write(&export::csv(runs.iter().map(columns::values))?),
            Form::Json => Ok(()),
        }
    }

    fn cells(&self, run: &RunRecord) -> [String; 7] {
        let outcome = match (run.ending.outcome, run.ending.error_kind) {
            (Outcome::Error, Some(kind)) => kind.word(),
            (outcome, _) => outcome.word(),
        };
        let mark = if run.usage.source == UsageSource::Estimated { "~" } else { "" };
        let tokens = run.usage.total.map_or_else(|| "-".to_owned(), |total| format!("{mark}{total} tok"));
        let unknown = if run.is_unpriced() { "unknown" } else { "-" };
        let cost = run.cost.as_ref().map_or_else(|| unknown.to_owned(), |cost| format!("{mark}{}", cost.amount));
        let total = run.timing.total.map_or_else(|| "-".to_owned(), |time| format!("{} ms", time.as_millis()));
        let model = if run.model().is_empty() { "-" } else { run.model() };
        let start = calendar::moment(run.started_at_ms, &self.zone);
        [start, run.target.connector.clone(), outcome.to_owned(), model.to_owned(), tokens, cost, total]
    }
}

/// The next page, in the same direction.
fn onwards(from: PageFrom, next: EventKey) -> PageFrom {
    match from {
        PageFrom::Newest | PageFrom::OlderThan(_) => PageFrom::OlderThan(next),
        PageFrom::Oldest | PageFrom::NewerThan(_) => PageFrom::NewerThan(next),
    }
}
