//! `prices`: which row applies to a model and why, and lists that others keep.

use std::path::Path;

use jiff::ZonedDateTime;
use serde_json::json;

use super::Context;
use super::args::{PricesCommand, ShowPriceArgs};
use crate::config;
use crate::domain::price::{BUILT_IN_DATE, Found, Layer, Rates};
use crate::domain::{ErrorKind, Failure, Provider, RunTarget};

/// Rows left out that are named one by one.
const NAMED: usize = 5;

pub(super) fn run(context: &mut Context, command: &PricesCommand) -> Result<u8, Failure> {
    match command {
        PricesCommand::Show(args) => show(context, args),
        PricesCommand::Import { file } => import(context, file),
    }
}

fn import(context: &mut Context, file: &Path) -> Result<u8, Failure> {
    let wrong = |problem: &str| {
        let message = format!("{}: {problem}", file.display());
        Failure::new(ErrorKind::Config, message, "the list that was imported before is kept")
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(&super::io::reason(&error)))?;
    let today = ZonedDateTime::now().date().to_string();
    let import = config::prices::import(&text, &today).map_err(|problem| wrong(&problem))?;
    let paths = context.paths()?;
    config::prices::keep(&paths, &import.list)?;
    let list = &import.list;
    context.io.line(&format!(
        "{} prices of {}, {}, are in {}",
        list.rows.len(),
        list.source,
        list.date,
        paths.price_list().display()
    ))?;
    for (name, why) in import.skipped.iter().take(NAMED) {
        context.io.say(&format!("left out: {name}: {why}"));
    }
    if import.skipped.len() > NAMED {
        context.io.say(&format!("left out: {} more", import.skipped.len() - NAMED));
    }
    Ok(0)
}

fn show(context: &mut Context, args: &ShowPriceArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    if let Err(problem) = config::prices::read(&context.paths()?) {
        context.io.say(&format!("{problem}\n  {}", problem.hint));
    }
    let entry = args.connector.as_deref().map(|id| context.find(&config, id)).transpose()?;
    let connector = entry.map(|entry| &entry.connector);
    let target = RunTarget {
        connector: connector.map(|connector| connector.id.to_string()).unwrap_or_default(),
        provider: connector.map_or(Provider::Other, |connector| connector.provider),
        endpoint: None,
        host: String::new(),
        requested_model: Some(args.model.clone()),
        model: Some(args.model.clone()),
    };
    let book = &config.settings.prices;
    let found = book.find(&target);
    let place =
        found.as_ref().map(|found| place(found, &target, book.imported.as_ref().map(|list| list.source.as_str())));
    if args.json {
        let document = match (&found, &place) {
            (Some(found), Some((place, date))) => json!({
                "model": args.model, "row": found.row, "from": place, "date": date, "why": found.why,
                "usd_per_million": rates_json(&found.price.rates),
                "above": found.price.long.iter().map(|(prompt, rates)| json!({"prompt": prompt, "usd_per_million": rates_json(rates)})).collect::<Vec<_>>(),
            }),
            (_, _) => {
                json!({ "model": args.model, "row": null, "from": null, "date": null, "why": "no row fits: the cost is unknown",
                "usd_per_million": null, "above": [] })
            }
        };
        context.io.json(&document)?;
        return Ok(0);
    }
    let (Some(found), Some((place, date))) = (found, place) else {
        context.io.line(&format!("{}: unknown: no row fits", args.model))?;
        context.io.say("give it a price in [prices], or import a list with `switchboard prices import FILE`");
        return Ok(0);
    };
    let dated = date.map(|date| format!(", {date}")).unwrap_or_default();
    context.io.line(&format!("{}: row \"{}\" of {place}{dated} ({})", args.model, found.row, found.why))?;
    context.io.line(&format!("  {}", rates_text(&found.price.rates)))?;
    for (prompt, rates) in &found.price.long {
        context.io.line(&format!("  above {prompt} prompt tokens: {}", rates_text(rates)))?;
    }
    Ok(0)
}

/// Where the row stands, in words, and its list's date.
fn place(found: &Found, target: &RunTarget, source: Option<&str>) -> (String, Option<String>) {
    match &found.layer {
        Layer::Connector => (format!("[connectors.{}.prices]", target.connector), None),
        Layer::File => ("[prices]".to_owned(), None),
        Layer::Imported(date) => (format!("the imported list of {}", source.unwrap_or("others")), Some(date.clone())),
        Layer::BuiltIn => ("the built-in list".to_owned(), Some(BUILT_IN_DATE.to_owned())),
    }
}

/// The rates that are stated, by name.
fn named(rates: &Rates) -> impl Iterator<Item = (&'static str, f64)> {
    let named = [
        ("input", Some(rates.input)),
        ("output", Some(rates.output)),
        ("cached", rates.cached),
        ("cache_write", rates.cache_write),
        ("reasoning", rates.reasoning),
    ];
    named.into_iter().filter_map(|(name, rate)| Some((name, rate?.dollars_per_million())))
}

fn rates_text(rates: &Rates) -> String {
    let rates: Vec<String> = named(rates).map(|(name, usd)| format!("{name} ${usd}")).collect();
    format!("{} for a million tokens", rates.join(", "))
}

fn rates_json(rates: &Rates) -> serde_json::Value {
    named(rates).map(|(name, usd)| (name.to_owned(), json!(usd))).collect::<serde_json::Map<_, _>>().into()
}
