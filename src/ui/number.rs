//! Figures as people read them: short, and with their unit.

use std::time::Duration;

/// What stands where a figure is not known.
pub(super) const UNKNOWN: &str = "—";

/// A number of things: `999`, `1.2k`, `128.4k`, `3.1M`.
pub(super) fn count(n: u64) -> String {
    let units = [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    // 999,950 and more would round up to "1000k".
    let unit = units.into_iter().find(|(unit, _)| n.saturating_add(unit / 20_000) >= *unit);
    match unit {
        None => n.to_string(),
        Some((unit, name)) => format!("{}{name}", tenths(n, unit)),
    }
}

/// `n / unit` to one digit after the point, which is left out where it is 0.
fn tenths(n: u64, unit: u64) -> String {
    let tenths = (u128::from(n) * 10 + u128::from(unit) / 2) / u128::from(unit.max(1));
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// A span of time: `0.42 ms`, `4.2 ms`, `312 ms`, `2.31 s`, `3 m 12 s`.
pub(super) fn span(duration: Duration) -> String {
    let micros = duration.as_micros();
    match micros {
        0..1_000 => format!("0.{:02} ms", micros / 10),
        1_000..9_950 => format!("{} ms", tenths(u64::try_from(micros).unwrap_or(u64::MAX), 1_000)),
        9_950..999_500 => format!("{} ms", (micros + 500) / 1_000),
        999_500..9_995_000 => format!("{:.2} s", duration.as_secs_f64()),
        9_995_000..59_950_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => minutes(duration.as_secs()),
    }
}

fn minutes(seconds: u64) -> String {
    match seconds / 3600 {
        0 => format!("{} m {} s", seconds / 60, seconds % 60),
        hours => format!("{hours} h {} m", seconds / 60 % 60),
    }
}

/// A span that may be unknown.
pub(super) fn span_or_dash(duration: Option<Duration>) -> String {
    duration.map_or_else(|| UNKNOWN.to_owned(), span)
}

/// Whole seconds, for what is still going on: `3 s`, `2 m 5 s`.
pub(super) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        short @ 0..60 => format!("{short} s"),
        long => minutes(long),
    }
}

/// A speed without its unit: `4.2`, `87`, `1.3k`.
pub(super) fn speed(per_second: f64) -> String {
    match per_second {
        slow if slow < 9.95 => format!("{slow:.1}"),
        fast if fast < 999.5 => format!("{fast:.0}"),
        fast => format!("{:.1}k", fast / 1000.0),
    }
}

/// Bytes: `512 B`, `1.4 KB`, `64 MB`; thousands, as network figures are.
pub(super) fn bytes(n: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    match units.into_iter().find(|(unit, _)| n >= *unit) {
        None => format!("{n} B"),
        Some((unit, name)) => format!("{} {name}", tenths(n, unit)),
    }
}

/// "1 run", "3 runs".
pub(super) fn things(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

/// Which rows show, where not all do: from the first, so many of all.
pub(super) fn window(first: usize, shown: usize, all: usize) -> String {
    if shown >= all {
        return String::new();
    }
    let last = (first + shown).min(all);
    let sign = if last < all { "▼" } else { "▲" };
    format!("{sign} {}–{last} of {all}", first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_keep_one_digit_after_the_point() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1k"),
            (1_249, "1.2k"),
            (31_000, "31k"),
            (128_400, "128.4k"),
            (999_949, "999.9k"),
            (999_950, "1M"),
            (3_140_000, "3.1M"),
            (u64::MAX, "18446744073.7G"),
        ] {
            assert_eq!(count(n), text, "{n}");
        }
    }

    #[test]
    fn spans_carry_the_unit_that_fits() {
        for (micros, text) in [
            (0, "0.00 ms"),
            (420, "0.42 ms"),
            (4_200, "4.2 ms"),
            (9_960, "10 ms"),
            (312_400, "312 ms"),
            (999_600, "1.00 s"),
            (2_310_000, "2.31 s"),
            (23_100_000, "23.1 s"),
            (192_000_000, "3 m 12 s"),
            (7_260_000_000, "2 h 1 m"),
        ] {
            assert_eq!(span(Duration::from_micros(micros)), text, "{micros}");
        }
        assert_eq!(seconds(Duration::from_millis(3_900)), "3 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 m 5 s");
    }

    #[test]
    fn speeds_and_sizes_are_short() {
        assert_eq!([4.21, 9.96, 87.4, 1312.0].map(speed), ["4.2", "10", "87", "1.3k"]);
        assert_eq!([512, 1_400, 64_000_000].map(bytes), ["512 B", "1.4 KB", "64 MB"]);
        assert_eq!([1, 3].map(|n| things(n, "run")), ["1 run", "3 runs"]);
    }
}
