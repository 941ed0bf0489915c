//! `demo`: the screen on a temporary configuration against a sandbox of its own. Leaves nothing behind.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Context;
use crate::config::Paths;
use crate::domain::policy::NetworkEnv;
use crate::domain::{ErrorKind, Failure};
use crate::sandbox::{self, Options};
use crate::secrets::{Env, Vault};

pub(super) fn run(context: &Context) -> Result<u8, Failure> {
    let runtime = super::tokio_runtime()?;
    let sandbox = runtime.block_on(sandbox::bind(Options::default())).map_err(|error| {
        Failure::new(ErrorKind::Connect, format!("the sandbox cannot listen on loopback: {error}"), "")
    })?;
    let place = tempfile::Builder::new().prefix("switchboard-demo-").tempdir().map_err(|error| no_place(&error))?;
    let paths = furnish(place.path(), &sandbox.base_url())?;
    let stop = CancellationToken::new();
    let serving = runtime.spawn(sandbox.serve(stop.clone()));
    let env = environment(&context.env);
    let services = super::services(&env, Vault::new(&paths.vault(), None));
    let ended = crate::runtime::run(&paths, &*env, services, context.clipboard);
    stop.cancel();
    let served = runtime.block_on(serving);
    drop(served);
    runtime.shutdown_timeout(Duration::from_secs(1));
    place.close().map_err(|error| no_place(&error))?;
    Ok(ended?.exit_code())
}

fn no_place(error: &std::io::Error) -> Failure {
    Failure::new(ErrorKind::Config, format!("the demo's temporary directory: {error}"), "is TMPDIR writable?")
}

/// The key is in the demo's own environment, so that the connectors show a reference as real ones do.
fn environment(env: &Env) -> Env {
    let outer = Arc::clone(env);
    Arc::new(move |name| match name {
        "SANDBOX_KEY" => Some(OsString::from("sandbox-key")),
        name => outer(name),
    })
}

fn furnish(place: &Path, base: &str) -> Result<Paths, Failure> {
    let paths = Paths {
        user_file: place.join("config.toml"),
        system_file: Some(place.join("preconfigured.toml")),
        state_dir: place.join("state"),
        network: NetworkEnv::default(),
    };
    let origin = base.trim_end_matches("/v1");
    let fill = |text: &str| text.replace("{base}", base).replace("{origin}", origin);
    let write = |path: &Path, text: String| std::fs::write(path, text).map_err(|error| no_place(&error));
    write(&paths.user_file, fill(USER))?;
    write(&place.join("preconfigured.toml"), fill(SYSTEM))?;
    Ok(paths)
}

const SYSTEM: &str = r#"[connectors.team-default]
name = "Team default"
provider = "openai"
url = "{base}"
default_model = "sandbox-model"
api_key = "env:SANDBOX_KEY"
notes = "Comes with the machine: it can be tested and duplicated, not changed."
"#;

const USER: &str = r#"# A temporary file for the demo: everything here is gone when it ends.
# The sandbox answers on loopback; the model's name picks how it behaves.

[connectors.hello]
name = "Hello"
provider = "openai"
url = "{base}/chat/completions"
default_model = "sandbox-model"
api_key = "env:SANDBOX_KEY"   # where the key lives, never the key itself

[connectors.azure-prod]
name = "Azure production"
provider = "azure-openai"
url = "{origin}/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
api_key = "env:SANDBOX_KEY"

[connectors.thinker]
name = "A model that reasons"
provider = "other"
url = "{base}"
default_model = "reasoning"
api_key = "env:SANDBOX_KEY"

[connectors.toolsmith]
name = "A model that calls tools"
provider = "openai"
url = "{base}/responses"
default_model = "tools"
api_key = "env:SANDBOX_KEY"

[connectors.long-read]
name = "A long reply"
provider = "other"
url = "{base}"
default_model = "long"
api_key = "env:SANDBOX_KEY"

[connectors.slow-lab]
name = "A slow server"
provider = "other"
url = "{base}"
default_model = "slow"
api_key = "env:SANDBOX_KEY"

[connectors.wrong-key]
name = "A key that expired"
provider = "other"
url = "{base}"
default_model = "unauthorized"
api_key = "env:SANDBOX_KEY"

[connectors.busy]
name = "A rate limit, tried three times"
provider = "other"
url = "{base}"
default_model = "rate-limit"
api_key = "env:SANDBOX_KEY"
max_attempts = 3

[connectors.gateway-down]
name = "Nothing listens there"
provider = "other"
url = "http://127.0.0.1:9/v1"
default_model = "any"

[connectors.cut-off]
name = "A stream that is cut"
provider = "other"
url = "{base}"
default_model = "cut"
api_key = "env:SANDBOX_KEY"
"#;

#[cfg(test)]
mod tests;
