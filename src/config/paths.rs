//! What is outside of the files: where they are, and what the environment says beside them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::ConfigError;
use crate::domain::policy::NetworkEnv;

/// The files and directories of one switchboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The person's configuration.
    pub user_file: PathBuf,
    /// The read-only layer below it.
    pub system_file: Option<PathBuf>,
    /// Event log and key files.
    pub state_dir: PathBuf,
    /// What the environment says about the network.
    pub network: NetworkEnv,
}

/// The system layer where the environment names none.
const SYSTEM_FILE: &str = "/etc/switchboard/config.toml";

impl Paths {
    /// Finds the paths: a flag over `SWITCHBOARD_CONFIG`, `SWITCHBOARD_STATE` and `SWITCHBOARD_SYSTEM_CONFIG`
    /// (empty for none), over the XDG base directories, over `HOME`. Relative XDG directories are ignored, as
    /// their specification asks.
    pub fn resolve(flag: Option<&Path>, env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let base = |name: &str, below_home: &str| {
            let named = set(name).filter(|path| path.is_absolute());
            named.or_else(|| set("HOME").map(|home| home.join(below_home)))
        };
        let user_file = flag
            .map(Path::to_owned)
            .or_else(|| set("SWITCHBOARD_CONFIG"))
            .or_else(|| Some(base("XDG_CONFIG_HOME", ".config")?.join("switchboard/config.toml")))
            .ok_or_else(|| no_home("config.toml", "set HOME, or name the file with --config"))?;
        let state_dir = set("SWITCHBOARD_STATE")
            .or_else(|| Some(base("XDG_STATE_HOME", ".local/state")?.join("switchboard")))
            .ok_or_else(|| no_home("state directory", "set HOME, or name a directory in SWITCHBOARD_STATE"))?;
        let system_file = match env("SWITCHBOARD_SYSTEM_CONFIG") {
            Some(named) => Some(PathBuf::from(named)).filter(|path| !path.as_os_str().is_empty()),
            None => Some(PathBuf::from(SYSTEM_FILE)),
        };
        let network = NetworkEnv::read(|name| env(name).map(|value| value.to_string_lossy().into_owned()));
        Ok(Self { user_file, system_file, state_dir, network })
    }

    /// The event log.
    pub fn event_log(&self) -> PathBuf {
        self.state_dir.join("events.db")
    }

    /// The imported list of prices.
    pub fn price_list(&self) -> PathBuf {
        self.state_dir.join("prices.json")
    }

    /// The directory of keys that were typed into the editor.
    pub fn keys_dir(&self) -> PathBuf {
        self.state_dir.join("keys")
    }
}

fn no_home(what: &str, hint: &str) -> ConfigError {
    ConfigError::new(Path::new(what), "cannot be found: the variable HOME is not set", hint)
}
