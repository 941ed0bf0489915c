//! From the words of the command line to a question: times, filters, keys.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::args::{FilterArgs, RunsArgs, SpanArgs};
use crate::domain::calendar::{self, Range};
use crate::domain::{ErrorKind, EventKey, Failure, Outcome, RunFilter, RunId, Span};
use crate::store::{Answering, Reader};

/// A span in its time zone.
pub(super) struct When {
    pub(super) span: Span,
    pub(super) zone: TimeZone,
    pub(super) range: Range,
}

/// What the arguments mean now; `otherwise` is meant where they say nothing.
pub(super) fn when(args: &SpanArgs, reader: &Reader, otherwise: Range) -> Result<When, Failure> {
    let zone = calendar::zone(&args.zone).map_err(|problem| wrong(&problem.to_string()))?;
    let range = match (&args.range, args.since, args.until) {
        (Some(range), _, _) => range.clone(),
        (None, None, None) => otherwise,
        (None, since, until) => Range::Between(since, until),
    };
    let now = Timestamp::now().as_millisecond();
    let earliest = reader.earliest()?;
    Ok(When { span: range.span(now, earliest, &zone), zone, range })
}

/// The runs meant.
pub(super) fn filter(args: &FilterArgs) -> Result<RunFilter, Failure> {
    let outcome =
        args.outcome.as_deref().map(|word| one_of("outcome", word, Outcome::ALL.map(|known| (known.word(), known))));
    let kind = args
        .error_kind
        .as_deref()
        .map(|word| one_of("error-kind", word, ErrorKind::ALL.map(|known| (known.word(), known))));
    Ok(RunFilter {
        connector: args.connector.clone(),
        model: args.model.clone(),
        user: args.user.clone(),
        machine: args.machine.clone(),
        outcome: outcome.transpose()?,
        error_kind: kind.transpose()?,
        ..RunFilter::default()
    })
}

/// The runs meant, where single runs are looked at.
pub(super) fn runs(args: &RunsArgs) -> Result<RunFilter, Failure> {
    Ok(RunFilter { slower_than: args.slower_than, text: args.text.clone(), ..filter(&args.filter)? })
}

/// The value of a word, or what was probably meant.
pub(super) fn one_of<T: Copy, const N: usize>(
    what: &str,
    word: &str,
    known: [(&'static str, T); N],
) -> Result<T, Failure> {
    let found = known.iter().find(|(name, _)| *name == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let near = |name: &str| strsim::jaro_winkler(name, word);
        let nearest = known.iter().map(|(name, _)| *name).max_by(|a, b| near(a).total_cmp(&near(b)));
        let names = known.map(|(name, _)| name).join(", ");
        let hint = match nearest {
            Some(name) if near(name) > 0.7 => format!("did you mean {name}?"),
            Some(_) | None => format!("there are: {names}"),
        };
        Failure::new(ErrorKind::Config, format!("--{what}: \"{}\" is not known", word.escape_debug()), hint)
    })
}

/// A key as the commands tell it: the start and the run.
pub(super) fn key_text(key: EventKey) -> String {
    format!("{}.{}", key.started_at_ms, key.id)
}

/// The key of a text.
pub(super) fn key(text: &str) -> Result<EventKey, Failure> {
    let parts =
        text.split_once('.').and_then(|(start, id)| Some((start.parse().ok()?, uuid::Uuid::try_parse(id).ok()?)));
    let (started_at_ms, id) = parts.ok_or_else(|| {
        let message = format!("\"{}\" is no key of the event log", text.escape_debug());
        Failure::new(ErrorKind::Config, message, "take one that `switchboard events` told")
    })?;
    Ok(EventKey { started_at_ms, id: RunId::from_u128(id.as_u128()) })
}

/// Pages of two logs make no whole.
pub(super) fn same_log(reader: &Reader, began: Answering) -> Result<(), Failure> {
    if reader.answering() == began {
        return Ok(());
    }
    let message = "the team's event log went away or came back in the middle of the answer, which is not whole";
    Err(Failure::new(ErrorKind::Connect, message, "ask again"))
}

fn wrong(problem: &str) -> Failure {
    Failure::new(ErrorKind::Config, problem, "")
}
