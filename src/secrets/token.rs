//! A token as a reference gives it: alone, or in the JSON of `az account get-access-token`, with its expiry.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::kept::Fetched;
use super::{Bytes, Problem, text_of};
use crate::domain::SecretText;

/// A token is not used in the last minutes of its life: a long reply might outlive it, and clocks differ.
const MARGIN: Duration = Duration::from_mins(5);

/// How long a token that lives for so long is used again.
pub fn life(lives: Duration) -> Option<Duration> {
    lives.checked_sub(MARGIN).filter(|life| !life.is_zero())
}

/// The token in what was read. Its own expiry goes before the time to live of the reference.
pub(super) fn read(bytes: &Bytes, now: Timestamp, ttl: Option<Duration>) -> Result<Fetched, Problem> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok((text_of(bytes)?, ttl));
    }
    // The parser's words may repeat the token: they are not told.
    let broken = |why: &str| {
        Problem::new(format!("it is JSON, but {why}"), "it must be what `az account get-access-token` prints")
    };
    let document: Value = serde_json::from_slice(bytes).map_err(|_broken| broken("it cannot be read"))?;
    let named = |names: [&str; 2]| names.iter().find_map(|name| document.get(name));
    let token = named(["accessToken", "access_token"]).and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| broken("it holds no accessToken"))?;
    let life = match named(["expires_on", "expiresOn"]).and_then(moment) {
        Some(ends) => Duration::try_from(ends.duration_since(now)).ok().and_then(life),
        None => ttl,
    };
    Ok((SecretText::new(token), life))
}

/// Seconds since 1970, or the local time that older versions print.
fn moment(value: &Value) -> Option<Timestamp> {
    let text = match value {
        Value::Number(seconds) => return Timestamp::from_second(seconds.as_i64()?).ok(),
        Value::String(text) => text,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let local = || TimeZone::system().to_timestamp(text.parse::<DateTime>().ok()?).ok();
    let seconds = || Timestamp::from_second(text.parse().ok()?).ok();
    seconds().or_else(|| text.parse().ok()).or_else(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn read_text(text: &str) -> Result<(String, Option<Duration>), String> {
        let now = Timestamp::from_second(NOW).unwrap();
        let read = read(&Bytes::new(text.as_bytes().to_vec()), now, Some(Duration::from_secs(7)));
        read.map(|(secret, life)| (secret.expose().to_owned(), life)).map_err(|problem| problem.message)
    }

    #[test]
    fn a_token_comes_alone_or_with_its_expiry() {
        let minutes = |n| Some(Duration::from_mins(n));
        let ttl = Some(Duration::from_secs(7));
        let az =
            |expiry: &str| format!("{{\n  \"accessToken\": \"tok-1\",\n  {expiry}\n  \"tokenType\": \"Bearer\"\n}}\n");
        for (text, life) in [
            ("tok-1\n".to_owned(), ttl),
            (az(&format!("\"expires_on\": {},", NOW + 3600)), minutes(55)),
            (az(&format!("\"expires_on\": \"{}\",", NOW + 600)), minutes(5)),
            (
                az(&format!("\"expires_on\": {}, \"expiresOn\": \"2001-01-01 00:00:00.000000\",", NOW + 3600)),
                minutes(55),
            ),
            (az(&format!("\"expires_on\": {},", NOW + 299)), None),
            (az(&format!("\"expires_on\": {},", NOW - 10)), None),
            (az("\"expiresOn\": \"soon\","), ttl),
        ] {
            assert_eq!(read_text(&text), Ok(("tok-1".to_owned(), life)), "{text}");
        }
    }

    #[test]
    fn the_local_time_of_older_versions_is_understood() {
        let at = Timestamp::from_second(NOW + 1800).unwrap().to_zoned_datetime(TimeZone::system()).datetime();
        let text = format!("{{\"accessToken\":\"tok-1\",\"expiresOn\":\"{} {}.123456\"}}", at.date(), at.time());
        let life = read_text(&text).unwrap().1.unwrap();
        assert!(life.as_secs() == 1500, "{life:?}");
    }

    #[test]
    fn what_is_no_token_is_told_without_repeating_it() {
        assert_eq!(read_text("{\"accessToken\": \"tok-1").unwrap_err(), "it is JSON, but it cannot be read");
        assert_eq!(read_text("{\"accessToken\": 1}").unwrap_err(), "it is JSON, but it holds no accessToken");
        assert_eq!(read_text("one\ntwo\n").unwrap_err(), "it holds more than one line");
    }
}
