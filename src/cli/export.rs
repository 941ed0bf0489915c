//! `export`: the event log in the formats that others read.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::Timestamp;
use serde_json::json;
use tempfile::NamedTempFile;

use super::Context;
use super::args::{ExportArgs, ExportCommand, ExportFormat};
use super::io::Io;
use super::json::EventJson;
use super::span::{key_text, runs, same_log, when};
use crate::domain::calendar::Range;
use crate::domain::{
    Dimension, ErrorKind, EventPage, EventQuestion, Failure, PageFrom, RunFilter, RunRecord, Span, UsageQuestion,
    prometheus,
};
use crate::store::Reader;

pub(super) mod columns;
mod kibana;

/// Runs that are read at once.
const PAGE: usize = 1000;

pub(super) fn run(context: &mut Context, command: &ExportCommand) -> Result<u8, Failure> {
    match command {
        ExportCommand::Events(args) => events(context, args),
        ExportCommand::Metrics(args) => {
            let reader = context.reader()?;
            let text = metrics(&reader, Timestamp::now().as_millisecond())?;
            context.say_whose(&reader);
            match &args.output {
                // The collector runs as somebody else.
                Some(path) => replaced(path, 0o644, |file| file.write_all(text.as_bytes())),
                None => context.io.write(&text),
            }
        }
    }
    .map(|()| 0)
}

/// Counters over everything that was ever recorded.
fn metrics(reader: &Reader, now_ms: i64) -> Result<String, Failure> {
    let span = Span { from_ms: i64::MIN, until_ms: now_ms.saturating_add(1) };
    let by = vec![Dimension::Connector, Dimension::Model, Dimension::Outcome];
    let groups = reader.usage(&UsageQuestion { span, filter: RunFilter::default(), by, buckets: Vec::new() })?;
    Ok(prometheus::text(&groups))
}

fn events(context: &mut Context, args: &ExportArgs) -> Result<(), Failure> {
    let reader = context.reader()?;
    let when = when(&args.runs.span, &reader, Range::All)?;
    let question = |from| -> Result<EventQuestion, Failure> {
        Ok(EventQuestion { span: when.span, filter: runs(&args.runs)?, from, limit: PAGE })
    };
    context.say_whose(&reader);
    let began = reader.answering();
    let mut from = PageFrom::Oldest;
    let mut pieces = std::iter::from_fn(|| {
        let page = question(from).and_then(|question| Ok(reader.events(&question)?));
        let page = page.and_then(|page| same_log(&reader, began).map(|()| page));
        let page = page.map(|page| {
            let last = page.runs.last().map(RunRecord::key)?;
            from = PageFrom::NewerThan(last);
            Some(page)
        });
        page.transpose()
    });
    let head = match args.format {
        ExportFormat::Csv => csv([columns::names()])?,
        ExportFormat::Kibana | ExportFormat::Ndjson => String::new(),
    };
    match &args.output {
        None => {
            context.io.write(&head)?;
            pieces.try_for_each(|page| context.io.write(&piece(&page?, args.format)?))
        }
        Some(path) => {
            let mut failed = None;
            let written = replaced(path, 0o600, |file| {
                file.write_all(head.as_bytes())?;
                for page in pieces {
                    match page.and_then(|page| piece(&page, args.format)) {
                        Ok(text) => file.write_all(text.as_bytes())?,
                        Err(failure) => {
                            failed = Some(failure);
                            return Err(std::io::Error::other("the event log cannot be read"));
                        }
                    }
                }
                Ok(())
            });
            failed.map_or(written, Err)
        }
    }
}

/// A page in a format.
fn piece(page: &EventPage, format: ExportFormat) -> Result<String, Failure> {
    match format {
        ExportFormat::Csv => csv(page.runs.iter().map(columns::values)),
        ExportFormat::Ndjson => lines(page.runs.iter().map(|run| json!(EventJson::from(run)))),
        ExportFormat::Kibana => lines(page.runs.iter().flat_map(kibana::entry)),
    }
}

fn lines(documents: impl Iterator<Item = serde_json::Value>) -> Result<String, Failure> {
    let mut text = Vec::new();
    for document in documents {
        Io::json_into(&mut text, &document)?;
        text.push(b'\n');
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A page as one document, with the key of the next.
pub(super) fn document(io: &mut Io, page: &EventPage) -> Result<(), Failure> {
    let runs: Vec<EventJson> = page.runs.iter().map(EventJson::from).collect();
    io.json(&json!({ "runs": runs, "next": page.next.map(key_text) }))
}

/// Rows as comma-separated values.
pub(super) fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, Failure> {
    let told = |error: csv::Error| Failure::new(ErrorKind::Internal, format!("no CSV: {error}"), "");
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // A spreadsheet would run a cell that begins so.
        let harmless = row.iter().map(|cell| match cell.chars().next() {
            Some('=' | '+' | '@' | '\t' | '\r') => format!("'{cell}"),
            Some(_) | None => cell.clone(),
        });
        writer.write_record(harmless).map_err(told)?;
    }
    let bytes =
        writer.into_inner().map_err(|error| Failure::new(ErrorKind::Internal, format!("no CSV: {error}"), ""))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes a file beside its place and moves it there when it is whole: nobody ever reads half of it.
fn replaced(path: &Path, mode: u32, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let told = |error: &std::io::Error| {
        let message = format!("{} cannot be written: {}", path.display(), super::io::reason(error));
        Failure::new(ErrorKind::Config, message, "name a file in a directory that you may write to")
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::with_prefix_in(".switchboard-", directory).map_err(|error| told(&error))?;
    let mut buffered = std::io::BufWriter::new(file.as_file_mut());
    write(&mut buffered).and_then(|()| buffered.flush()).map_err(|error| told(&error))?;
    drop(buffered);
    file.as_file().set_permissions(Permissions::from_mode(mode)).map_err(|error| told(&error))?;
    file.persist(path).map(drop).map_err(|error| told(&error.error))
}
