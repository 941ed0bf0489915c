//! Sums of a span, split by what a person asks for.

use rusqlite::types::Value;

use super::pieces;
use crate::domain::{Dimension, Outcome, RunFilter, Span, Totals, UsageGroup, UsageQuestion};
use crate::store::ledger::USAGE;
use crate::store::sql::{Row, Sql, SqlError, text};
use crate::store::sums::{self, Sums};

/// The units a span is read in: those of the tables, and single runs.
fn units() -> [i64; 4] {
    let [week, day, quarter] = USAGE.map(|level| level.unit_ms);
    [week, day, quarter, 1]
}

/// Parameters of the parts of a span: three for each of two parts in each unit.
const PARAMETERS: usize = 24;

/// The sums of each party over the parts of a span. A party whose runs are all taken away again is none of it.
fn parties() -> String {
    let sums = sums::COLUMNS.join(", ");
    let slots = USAGE.map(|level| (format!("party, {sums} FROM {}", level.table), "slot"));
    let runs = format!(
        "label.party, {} FROM event JOIN label ON label.id = event.label JOIN party ON party.id = label.party",
        sums::OF_EVENT
    );
    let sources = slots.into_iter().chain([(runs, "started_ms")]);
    let parts = (0..).zip(sources.flat_map(|source| [source.clone(), source])).map(|(at, (source, time))| {
        let [sign, from, until] = [1, 2, 3].map(|parameter| at * 3 + parameter);
        let signed = sums::COLUMNS.map(|column| format!("CAST(${sign} AS BIGINT) * {column} AS {column}")).join(", ");
        format!("SELECT party, {signed} FROM (SELECT {source} WHERE {time} >= ${from} AND {time} < ${until}) AS part")
    });
    format!(
        "WITH part AS ({}), spent AS (SELECT party, {} FROM part GROUP BY party HAVING sum(runs) > 0)",
        parts.collect::<Vec<_>>().join(" UNION ALL "),
        sums::COLUMNS.map(|column| format!("sum({column}) AS {column}")).join(", ")
    )
}

const FAILED: &str = "CAST(sum(CASE WHEN outcome = 'error' THEN runs ELSE 0 END) AS BIGINT),
    CAST(sum(CASE WHEN outcome = 'cancelled' THEN runs ELSE 0 END) AS BIGINT)";

/// The whole question, for a split, and its parameters after those of the pieces.
pub(in crate::store) fn statement(by: &[Dimension], filter: &RunFilter) -> (String, Vec<Value>) {
    let columns: Vec<&str> = by.iter().map(|dimension| column(*dimension)).collect();
    let (conditions, values) = conditions(filter, PARAMETERS + 1);
    let split = if by.is_empty() { String::new() } else { format!(" GROUP BY {}", columns.join(", ")) };
    let keys = columns.iter().fold(String::new(), |keys, column| keys + ", " + column);
    let sql = format!(
        "{} SELECT {}, {FAILED}{keys} FROM spent JOIN party ON party.id = spent.party WHERE 1 = 1{conditions}{split}",
        parties(),
        sums::summed(),
    );
    (sql, values)
}

/// What a filter asks of a party. Its parameters are numbered from `first`.
pub(super) fn conditions(filter: &RunFilter, first: usize) -> (String, Vec<Value>) {
    let wishes = [
        ("connector", filter.connector.as_deref()),
        ("model", filter.model.as_deref()),
        ("person", filter.user.as_deref()),
        ("machine", filter.machine.as_deref()),
        ("outcome", filter.outcome.map(Outcome::word)),
        ("error_kind", filter.error_kind.map(crate::domain::ErrorKind::word)),
    ];
    let asked = wishes.into_iter().filter_map(|(column, wish)| wish.map(|wish| (column, wish)));
    let (conditions, values): (Vec<String>, Vec<Value>) =
        (first..).zip(asked).map(|(at, (column, wish))| (format!(" AND {column} = ${at}"), text(wish))).unzip();
    (conditions.concat(), values)
}

fn column(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::User => "person",
        Dimension::Connector
        | Dimension::Model
        | Dimension::Provider
        | Dimension::Machine
        | Dimension::Source
        | Dimension::Outcome
        | Dimension::ErrorKind => dimension.word(),
    }
}

/// The key and the sums of each group.
pub(super) fn groups(
    sql: &dyn Sql,
    span: Span,
    by: &[Dimension],
    filter: &RunFilter,
) -> Result<Vec<(Vec<String>, Totals)>, SqlError> {
    let (statement, wishes) = statement(by, filter);
    let mut parameters = pieces::parameters(&pieces::parts(span, &units()), &units());
    parameters.extend(wishes);
    let mut groups = Vec::new();
    sql.query(&statement, &parameters, &mut |row| groups.push((key(row, by), totals(row))))?;
    Ok(groups)
}

fn key(row: &Row<'_>, by: &[Dimension]) -> Vec<String> {
    let first = sums::COLUMNS.len() + 2;
    (first..first + by.len()).map(|at| row.text(at).to_owned()).collect()
}

fn totals(row: &Row<'_>) -> Totals {
    let after = sums::COLUMNS.len();
    Sums::read(row, 0).totals(row.count(after), row.count(after + 1))
}

/// The sum of a span.
pub(super) fn total(sql: &dyn Sql, span: Span, filter: &RunFilter) -> Result<Totals, SqlError> {
    let found = groups(sql, span, &[], filter)?;
    Ok(found.into_iter().next().map(|(_, totals)| totals).unwrap_or_default())
}

/// Answers a question; each bucket is a span of its own.
pub(super) fn usage(sql: &dyn Sql, question: &UsageQuestion) -> Result<Vec<UsageGroup>, SqlError> {
    let mut answers = Vec::new();
    for (bucket, span) in windows(question.span, &question.buckets) {
        let mut found = groups(sql, span, &question.by, &question.filter)?;
        found.sort_by(|(a, x), (b, y)| y.tokens.total.cmp(&x.tokens.total).then_with(|| a.cmp(b)));
        // A bucket in which nothing ran is told where the buckets are all that was asked for.
        answers.extend(found.into_iter().map(|(key, totals)| UsageGroup { bucket, key, totals }));
    }
    Ok(answers)
}

/// What a log that is not there answers.
pub(super) fn nothing(question: &UsageQuestion) -> Vec<UsageGroup> {
    let empty = |(bucket, _)| UsageGroup { bucket, key: Vec::new(), totals: Totals::default() };
    if question.by.is_empty() { windows(question.span, &question.buckets).map(empty).collect() } else { Vec::new() }
}

/// The spans of buckets, cut to the span that was asked for; the span itself where there are none.
pub(super) fn windows(span: Span, buckets: &[i64]) -> impl Iterator<Item = (Option<i64>, Span)> {
    let whole = buckets.is_empty().then_some((None, span));
    let ends = buckets.iter().skip(1).copied().chain([i64::MAX]);
    let cut = buckets.iter().copied().zip(ends).map(move |(start, end)| {
        (Some(start), Span { from_ms: start.max(span.from_ms), until_ms: end.min(span.until_ms) })
    });
    whole.into_iter().chain(cut)
}
