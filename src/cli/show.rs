//! `show ID`: one connector, how its URL is read, and the network policy that holds for it.

use super::Context;
use super::args::{Output, ShowArgs};
use super::json::{ConnectorJson, NetworkJson, origin_word};
use super::list::align;
use crate::config::Entry;
use crate::domain::policy::Effective;
use crate::domain::{Connector, Credential, Endpoint, Entra, Failure, NetworkPolicy, units};

pub(super) fn run(context: &mut Context, args: &ShowArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    let entry = context.find(&config, &args.id)?;
    let policy = config.policy(&entry.connector);
    if args.network {
        return network(context, entry, (&policy, args.output));
    }
    if args.output.json {
        context.io.json(&ConnectorJson::whole(&entry.connector, entry.origin, &policy))?;
        return Ok(0);
    }
    for line in align(&rows(entry, &policy)) {
        context.io.line(&line)?;
    }
    Ok(0)
}

/// Every key of the network policy beside where its value came from, and the way a request takes.
fn network(context: &mut Context, entry: &Entry, (policy, output): (&NetworkPolicy, Output)) -> Result<u8, Failure> {
    if output.json {
        context.io.json(&NetworkJson::new(&entry.connector, policy))?;
        return Ok(0);
    }
    tell(context, policy, &|_row| true)?;
    if let Some(token) = &policy.token {
        context.io.line("")?;
        context.io.line("Its tokens are asked for by the same, but for this:")?;
        tell(context, token, &|row| policy.effective(row.key) != Some(row))?;
    }
    Ok(0)
}

/// The keys that `is_told`, the way, and what cannot hold.
fn tell(context: &mut Context, policy: &NetworkPolicy, is_told: &dyn Fn(&Effective) -> bool) -> Result<(), Failure> {
    let row = |row: &Effective| {
        [row.key.word().to_owned(), row.value.clone().unwrap_or_else(|| "-".to_owned()), row.from.to_string()]
    };
    let rows: Vec<[String; 3]> = policy.effective.iter().filter(|row| is_told(row)).map(row).collect();
    for line in align(&rows) {
        context.io.line(&line)?;
    }
    context.io.line("")?;
    context.io.line(&format!("reached {}", policy.route))?;
    for problem in &policy.problems {
        context.io.say(&format!("{}; {}", problem.message, problem.hint));
    }
    Ok(())
}

fn rows(entry: &Entry, policy: &NetworkPolicy) -> Vec<[String; 2]> {
    let connector = &entry.connector;
    let mut rows = vec![
        ("id", connector.id.to_string()),
        ("name", connector.name.clone()),
        ("provider", connector.provider.word().to_owned()),
        ("origin", origin_word(entry.origin).to_owned()),
        ("url", connector.url.clone()),
    ];
    rows.extend(reading(connector));
    rows.extend(optional(connector));
    rows.extend([
        ("max_attempts", connector.options.max_attempts.unwrap_or(1).to_string()),
        ("network.connect_timeout", units::show_duration(policy.limits.connect_timeout)),
        ("network.first_byte_timeout", units::show_duration(policy.limits.first_byte_timeout)),
        ("network.idle_timeout", units::show_duration(policy.limits.idle_timeout)),
        ("network.total_timeout", units::show_duration(policy.limits.total_timeout)),
        ("network.max_response_size", units::show_size(policy.limits.max_response_size)),
    ]);
    rows.into_iter().map(|(key, value)| [key.to_owned(), value]).collect()
}

fn reading(connector: &Connector) -> Vec<(&'static str, String)> {
    match Endpoint::read(&connector.url, connector.provider) {
        Ok(endpoint) => vec![("read as", endpoint.describe()), ("calls", endpoint.url.to_string())],
        Err(problem) => vec![("read as", problem.to_string())],
    }
}

fn optional(connector: &Connector) -> Vec<(&'static str, String)> {
    let headers = connector.headers.iter().map(|header| format!("{}: {}", header.name, header.shown()));
    let options = &connector.options;
    let values = [
        ("default_model", connector.default_model.clone()),
        ("api_key", connector.auth.api_key.as_ref().map(Credential::label)),
        ("entra", connector.auth.entra.as_ref().map(Entra::label)),
        ("organization", connector.auth.organization.clone()),
        ("project", connector.auth.project.clone()),
        ("headers", Some(headers.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())),
        ("context_window", options.context_window.map(|tokens| tokens.to_string())),
        ("temperature", options.temperature.map(|value| value.to_string())),
        ("native_tool_calling", options.native_tool_calling.map(|value| value.to_string())),
        ("notes", connector.notes.as_deref().map(|notes| notes.replace('\n', " "))),
    ];
    values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}
