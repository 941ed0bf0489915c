//! The words of `secret`.

use clap::{Args, Subcommand};

use super::Output;

/// `secret`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Put a secret into the vault: typed without showing, or from stdin. Refer to it as vault:NAME.
    Set {
        /// Its name: letters, digits and any of . _ - / @.
        name: String,
    },
    /// List the names in the vault, when each was set and which connectors refer to it. Never the values.
    List(Output),
    /// Take a secret out of the vault.
    Remove(RemoveSecretArgs),
    /// Encrypt the vault anew: to a fresh identity file, or with a passphrase.
    Rotate {
        /// With a new passphrase: asked twice, or the first line of stdin.
        #[arg(long)]
        passphrase: bool,
    },
    /// Move keys that lie in files of switchboard's own, and secrets that stand in headers, into the vault.
    Migrate(MigrateArgs),
}

/// `secret remove`.
#[derive(Debug, Args)]
pub(crate) struct RemoveSecretArgs {
    /// Its name.
    pub(crate) name: String,
    /// Do not ask, and remove it though connectors refer to it.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `secret migrate`.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Only tell what would be moved.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
