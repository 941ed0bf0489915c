//! Answers to the screens' questions: ranges become moments here, where the time is known.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::app::question::{DashboardFound, DashboardWish, EventsFound, EventsWish, Findings, Question};
use crate::domain::calendar::{self, Bucket, CalendarProblem};
use crate::domain::{DashboardQuestion, ErrorKind, EventQuestion, Failure};
use crate::store::{Reader, StoreError};

/// Asks the log. The reader is opened at the first question and kept.
pub(super) fn find(
    reader: &Mutex<Option<Reader>>,
    open: &dyn Fn() -> Result<Reader, StoreError>,
    question: &Question,
) -> Result<Findings, Failure> {
    let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
    let open = match reader.take() {
        Some(reader) => reader,
        None => open()?,
    };
    let open = reader.insert(open);
    let now_ms = Timestamp::now().as_millisecond();
    match question {
        Question::Dashboard(wish) => dashboard(open, wish, now_ms).map(|found| Findings::Dashboard(Box::new(found))),
        Question::Events(wish) => events(open, wish, now_ms).map(|found| Findings::Events(Box::new(found))),
    }
}

fn dashboard(reader: &Reader, wish: &DashboardWish, now_ms: i64) -> Result<DashboardFound, Failure> {
    let zone = calendar::zone(&wish.zone).map_err(wrong)?;
    let span = wish.range.span(now_ms, reader.earliest()?, &zone);
    let bucket = wish.bucket.unwrap_or_else(|| Bucket::fitting(span));
    let buckets = bucket.starts(span, &zone).map_err(wrong)?;
    let labels = buckets.iter().map(|start| bucket.tick(*start, span, &zone)).collect();
    let question = DashboardQuestion { connector: wish.connector.clone(), span, buckets, now_ms };
    Ok(DashboardFound { figures: reader.dashboard(&question)?, span, bucket, labels })
}

fn events(reader: &Reader, wish: &EventsWish, now_ms: i64) -> Result<EventsFound, Failure> {
    let zone = calendar::zone(&wish.zone).map_err(wrong)?;
    let span = wish.range.span(now_ms, reader.earliest()?, &zone);
    let question = EventQuestion { span, filter: wish.filter.clone(), from: wish.from, limit: wish.limit };
    Ok(EventsFound { page: reader.events(&question)?, zone })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn wrong(problem: CalendarProblem) -> Failure {
    Failure::new(ErrorKind::Config, problem.to_string(), "")
}
