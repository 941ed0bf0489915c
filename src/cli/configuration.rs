//! `config path|check|example`.

use std::path::Path;

use serde_json::json;

use super::Context;
use super::args::ConfigCommand;
use crate::config::{self, ConfigError};
use crate::domain::{ErrorKind, Failure};

pub(super) fn run(context: &mut Context, command: &ConfigCommand) -> Result<u8, Failure> {
    match command {
        ConfigCommand::Path => {
            let path = context.paths()?.user_file.display().to_string();
            context.io.line(&path)?;
            Ok(0)
        }
        ConfigCommand::Example => {
            context.io.write(config::EXAMPLE)?;
            Ok(0)
        }
        ConfigCommand::Check(output) => {
            let paths = context.paths()?;
            let problems = config::check(&paths);
            if output.json {
                let rows: Vec<_> = problems.iter().map(row).collect();
                context.io.json(&json!({ "ok": problems.is_empty(), "problems": rows }))?;
            } else {
                tell(context, &paths.user_file, &problems)?;
            }
            Ok(if problems.is_empty() { 0 } else { ErrorKind::Config.exit_code() })
        }
    }
}

fn row(problem: &ConfigError) -> serde_json::Value {
    json!({
        "file": problem.file.display().to_string(), "line": problem.line, "column": problem.column,
        "message": problem.message, "hint": problem.hint,
    })
}

fn tell(context: &mut Context, file: &Path, problems: &[ConfigError]) -> Result<(), Failure> {
    if problems.is_empty() {
        let verdict = if file.exists() { "ok" } else { "not there; the built-in values hold" };
        return context.io.line(&format!("{}: {verdict}", file.display()));
    }
    for problem in problems {
        context.io.line(&problem.to_string())?;
        if !problem.hint.is_empty() {
            context.io.line(&format!("  {}", problem.hint))?;
        }
    }
    Ok(())
}
