//! The vault of a command, and its passphrase: asked for once, without showing it, where a person is there.

use super::Context;
use super::io::{Io, Person};
use crate::config::Config;
use crate::domain::{Connector, Credential, Entra, ErrorKind, Failure, SecretRef, SecretText};
use crate::secrets::Vault;

/// The variable that opens a vault where nobody can be asked.
const VARIABLE: &str = "SWITCHBOARD_VAULT_PASSPHRASE";
/// How often a passphrase may be mistyped.
const TRIES: usize = 3;

impl Context {
    /// The vault; the same one at each call, so that a passphrase is typed once.
    pub(super) fn vault(&mut self) -> Result<Vault, Failure> {
        if let Some(vault) = &self.vault {
            return Ok(vault.clone());
        }
        let passphrase = (self.env)(VARIABLE).filter(|value| !value.is_empty()).map(|value| {
            let text = value.into_string().map_err(|_bytes| Failure::new(ErrorKind::Secret, not_text(), ""));
            text.map(SecretText::new)
        });
        let vault = Vault::new(&self.paths()?.vault(), passphrase.transpose()?);
        Ok(self.vault.insert(vault).clone())
    }

    /// The vault, open: whoever cannot open it learns so here.
    pub(super) fn open_vault(&mut self) -> Result<Vault, Failure> {
        let vault = self.vault()?;
        if vault.is_locked() {
            match ask(&mut self.io, &vault)? {
                Unlocked::Yes => {}
                Unlocked::No => return Err(vault.entries().map_or_else(Into::into, |_open| gave_up())),
            }
        }
        Ok(vault)
    }

    /// The vault, open where this connector's keys may be in it. Nobody there: the run itself says what is missing.
    pub(super) fn vault_for_run(&mut self, config: &Config, connector: &Connector) -> Result<Vault, Failure> {
        let vault = self.vault()?;
        if refers_to_vault(config, connector) && self.io.person == Person::There {
            self.open_vault()
        } else {
            Ok(vault)
        }
    }

    /// The vault, open where a key was typed that goes there.
    pub(super) fn vault_for_save(&mut self, connector: &Connector) -> Result<Vault, Failure> {
        if types_a_secret(connector) { self.open_vault() } else { self.vault() }
    }

    /// The vault of the screen, whose keys and saves need it. A person may open the screen without it.
    pub(super) fn vault_for_screen(&mut self) -> Result<Vault, Failure> {
        let vault = self.vault()?;
        if vault.is_locked() && self.io.person == Person::There {
            self.io.say("enter alone opens the screen without the vault");
            ask(&mut self.io, &vault)?;
        }
        Ok(vault)
    }
}

fn not_text() -> String {
    format!("{VARIABLE} is not UTF-8")
}

fn gave_up() -> Failure {
    Failure::new(ErrorKind::Secret, "nothing was typed", "")
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unlocked {
    Yes,
    /// Nobody is there, or the person left it.
    No,
}

fn ask(io: &mut Io, vault: &Vault) -> Result<Unlocked, Failure> {
    if io.person == Person::Absent {
        return Ok(Unlocked::No);
    }
    for left in (0..TRIES).rev() {
        let passphrase = io.secret("passphrase of the vault")?;
        if passphrase.expose().is_empty() {
            return Ok(Unlocked::No);
        }
        match vault.unlock(passphrase) {
            Ok(()) => return Ok(Unlocked::Yes),
            Err(error) if left == 0 => return Err(error.into()),
            Err(error) => io.say(&error.problem.to_string()),
        }
    }
    Ok(Unlocked::No)
}

/// Whether the connector does, or a table of the network that may hold for it.
fn refers_to_vault(config: &Config, connector: &Connector) -> bool {
    let is_other = |holder: &str| holder != connector.id.as_str() && config.get(holder).is_some();
    let refs = config.secret_refs().into_iter().filter(|(holder, _)| !is_other(holder));
    refs.map(|(_, reference)| reference).any(|reference| matches!(reference, SecretRef::Vault(_)))
}

fn types_a_secret(connector: &Connector) -> bool {
    let auth = &connector.auth;
    let mut credentials = auth.api_key.iter().chain(auth.entra.iter().map(Entra::credential));
    credentials.any(|credential| matches!(credential, Credential::Typed(_)))
}
