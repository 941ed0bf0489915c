//! Pages of events, by key: a page costs the same wherever it is.

use rusqlite::types::Value;

use super::groups::conditions;
use crate::domain::{EventKey, EventPage, EventQuestion, PageFrom, RunFilter, Span};
use crate::store::ledger::DAY_MS;
use crate::store::row;
use crate::store::sql::{Sql, SqlError, text};

/// Which way a page goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
}

/// Reads a page, and one run more to know whether there is another.
pub(super) fn page(sql: &dyn Sql, question: &EventQuestion) -> Result<EventPage, SqlError> {
    let Some(span) = narrowed(sql, question)? else { return Ok(EventPage::default()) };
    let (order, key) = match question.from {
        PageFrom::Newest => (Order::NewestFirst, None),
        PageFrom::OlderThan(key) => (Order::NewestFirst, Some(key)),
        PageFrom::NewerThan(key) => (Order::OldestFirst, Some(key)),
        PageFrom::Oldest => (Order::OldestFirst, None),
    };
    let mut ask = Ask::new(span);
    ask.beyond(order, key);
    ask.of(&question.filter, sql.request_id_text());
    let (statement, parameters) = ask.finish(order, question.limit);
    let mut runs = Vec::new();
    sql.query(&statement, &parameters, &mut |row| runs.push(row::read(row)))?;
    let more = runs.len() > question.limit;
    runs.truncate(question.limit);
    let next = runs.last().filter(|_| more).map(crate::domain::RunRecord::key);
    Ok(EventPage { runs, next })
}

/// The days in which a filtered party ran at all, so that a page of a rare one does not read years of others.
/// `None` where nobody the filter means ever ran.
fn narrowed(sql: &dyn Sql, question: &EventQuestion) -> Result<Option<Span>, SqlError> {
    let (conditions, values) = conditions(&question.filter, 1);
    if values.is_empty() {
        return Ok(Some(question.span));
    }
    let statement = format!(
        "SELECT min(slot), max(slot) FROM usage_day WHERE party IN (SELECT id FROM party WHERE 1 = 1{conditions})"
    );
    let mut days = None;
    sql.query(&statement, &values, &mut |row| days = row.known(0).zip(row.known(1)))?;
    Ok(days.map(|(first, last)| Span {
        from_ms: question.span.from_ms.max(first.saturating_mul(DAY_MS)),
        until_ms: question.span.until_ms.min(last.saturating_add(1).saturating_mul(DAY_MS)),
    }))
}

/// A question as it is put together.
struct Ask {
    conditions: String,
    values: Vec<Value>,
}

impl Ask {
    fn new(span: Span) -> Self {
        let conditions = "started_ms >= $1 AND started_ms < $2".to_owned();
        Self { conditions, values: vec![span.from_ms.into(), span.until_ms.into()] }
    }

    fn and(&mut self, condition: &str) {
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
    }

    fn next(&mut self, value: Value) -> usize {
        self.values.push(value);
        self.values.len()
    }

    fn beyond(&mut self, order: Order, key: Option<EventKey>) {
        let Some(key) = key else { return };
        let start = self.next(key.started_at_ms.into());
        let id = self.next(row::key(key.id));
        let sign = match order {
            Order::NewestFirst => "<",
            Order::OldestFirst => ">",
        };
        self.and(&format!("(started_ms, event.id) {sign} (${start}, ${id})"));
    }

    fn of(&mut self, filter: &RunFilter, request_id: &str) {
        let (conditions, values) = conditions(filter, self.values.len() + 1);
        self.conditions.push_str(&conditions);
        self.values.extend(values);
        if let Some(slow) = filter.slower_than {
            let at = self.next(row::micros(slow).into());
            self.and(&format!("total_us > ${at}"));
        }
        if let Some(wish) = &filter.text {
            let at = self.next(text(&format!("%{}%", escaped(&wish.to_lowercase()))));
            let searched = format!(
                "lower(connector || ' ' || model || ' ' || requested_model || ' ' || host || ' ' || person || ' ' || machine \
                || ' ' || outcome || ' ' || error_kind || ' ' || coalesce({request_id}, ''))"
            );
            self.and(&format!("{searched} LIKE ${at} ESCAPE '!'"));
        }
    }

    fn finish(mut self, order: Order, limit: usize) -> (String, Vec<Value>) {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let at = self.next(limit.into());
        let order = match order {
            Order::NewestFirst => "started_ms DESC, event.id DESC",
            Order::OldestFirst => "started_ms, event.id",
        };
        let statement = format!(
            "SELECT {} FROM event JOIN label ON label.id = event.label JOIN party ON party.id = label.party
            WHERE {} ORDER BY {order} LIMIT ${at}",
            row::COLUMNS,
            self.conditions
        );
        (statement, self.values)
    }
}

/// A text in which nothing is a wild card.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
