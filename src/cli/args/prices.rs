//! The words of `prices`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `prices`.
#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// Say which row of which list applies to a model, and why.
    Show(ShowPriceArgs),
    /// Take over a list: LiteLLM, models.dev, llm-prices or OpenRouter.
    Import {
        /// The file, as downloaded.
        file: PathBuf,
    },
}

/// `prices show`.
#[derive(Debug, Args)]
pub(crate) struct ShowPriceArgs {
    /// The model, as a reply names it.
    pub(crate) model: String,
    /// With the prices of this connector.
    #[arg(long, value_name = "ID")]
    pub(crate) connector: Option<String>,
    /// One JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
