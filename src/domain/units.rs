//! Durations and sizes as people write them: `10s`, `1m30s`, `64MiB`.

use std::time::Duration;

/// Why a text is no duration or size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitProblem {
    /// Not a duration.
    #[error("\"{0}\" is no duration; write for example 500ms, 10s, 2m or 1h")]
    Duration(String),
    /// Not a size.
    #[error("\"{0}\" is no size; write for example 512KiB, 64MiB or 1GiB")]
    Size(String),
}

/// Reads `500ms`, `10s`, `2m`, `1h`, or several joined (`1m30s`). Zero is refused: a limit of nothing lets nothing pass.
pub fn parse_duration(text: &str) -> Result<Duration, UnitProblem> {
    let problem = || UnitProblem::Duration(text.to_owned());
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = split_number(rest).ok_or_else(problem)?;
        let (unit, after) = split_unit(after);
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(problem()),
        };
        let part = Duration::try_from_secs_f64(number * seconds).ok().ok_or_else(problem)?;
        total = total.checked_add(part).ok_or_else(problem)?;
        rest = after.trim_start();
    }
    // Whole milliseconds, as [`show_duration`] writes them.
    match u64::try_from(total.as_millis()) {
        Ok(millis @ 1..) => Ok(Duration::from_millis(millis)),
        Ok(0) | Err(_) => Err(problem()),
    }
}

/// Reads `512KiB`, `64MiB`, `1GiB`, `1MB` (10⁶) or a bare number of bytes. All in lower case, `1mb` is binary, as the
/// settings of Elasticsearch and Kibana have it. Zero is refused.
pub fn parse_size(text: &str) -> Result<u64, UnitProblem> {
    let problem = || UnitProblem::Size(text.to_owned());
    let (number, unit) = split_number(text.trim()).ok_or_else(problem)?;
    let factor: f64 = match unit.trim() {
        "" | "B" => 1.0,
        "KiB" | "kb" => 1024.0,
        "MiB" | "mb" => 1024.0 * 1024.0,
        "GiB" | "gb" => 1024.0 * 1024.0 * 1024.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        _ => return Err(problem()),
    };
    let bytes = number * factor;
    if (1.0..=1e15).contains(&bytes) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked above")]
        Ok(bytes as u64)
    } else {
        Err(problem())
    }
}

/// A duration as the file writes it, the shortest exact form: `1m30s`, `250ms`.
pub fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, rest) = (millis / 1000 % 60, millis % 1000);
    [(hours, "h"), (minutes, "m"), (seconds, "s"), (rest, "ms")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .fold(String::new(), |text, (n, unit)| text + &n.to_string() + unit)
}

/// A size as the file writes it: the largest binary unit that divides it.
pub fn show_size(bytes: u64) -> String {
    [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        .into_iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| format!("{bytes}B"), |(unit, name)| format!("{}{name}", bytes / unit))
}

fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    Some((number.parse().ok()?, rest))
}

fn split_unit(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_shown() {
        for (text, millis) in [("10s", 10_000), ("500ms", 500), ("1m30s", 90_000), ("1.5s", 1500), ("2h", 7_200_000)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(show_duration(Duration::from_millis(90_250)), "1m30s250ms");
    }

    #[test]
    fn nonsense_is_no_duration() {
        for text in ["", "10", "s", "0s", "0.4ms", "-1s", "10 parsecs", "1e9h", "NaNs"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes) in
            [("64MiB", 64 << 20), ("1kB", 1000), ("10", 10), ("1 GiB", 1 << 30), ("1mb", 1 << 20), ("1MB", 1_000_000)]
        {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        assert_eq!(show_size(64 << 20), "64MiB");
        assert_eq!(show_size(1500), "1500B");
        assert!(parse_size("0").is_err());
        assert!(parse_size("12 bananas").is_err());
    }
}
