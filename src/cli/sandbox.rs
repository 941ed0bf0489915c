//! `sandbox`: serves the loopback provider in the foreground; prints its base URL first.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::args::SandboxArgs;
use super::{Context, io};
use crate::domain::{ErrorKind, Failure};
use crate::sandbox::{self, Auth, Options};

pub(super) fn run(context: &mut Context, args: &SandboxArgs) -> Result<u8, Failure> {
    let options = Options {
        listen: args.listen,
        auth: if args.no_auth { Auth::Open } else { Auth::Key },
        first_token: Duration::from_millis(args.first_token_ms),
        tokens_per_second: args.tokens_per_second,
    };
    let runtime = super::tokio_runtime()?;
    runtime.block_on(async {
        let failed = |error: std::io::Error| {
            if error.kind() == std::io::ErrorKind::InvalidInput {
                return Failure::new(ErrorKind::Config, error.to_string(), "");
            }
            let message = format!("the sandbox cannot listen on {}: {}", args.listen, io::reason(&error));
            Failure::new(ErrorKind::Connect, message, "choose another address with --listen, or port 0 for a free one")
        };
        let sandbox = sandbox::bind(options).await.map_err(failed)?;
        context.io.line(&sandbox.base_url())?;
        let key = if args.no_auth { "any key, or none" } else { "the key sandbox-key" };
        context.io.say(&format!("accepts {key}; the model's name picks the behaviour:"));
        for row in &sandbox::BEHAVIOURS {
            context.io.say(&format!("  {:16} {}", row.name, row.description));
        }
        let stop = CancellationToken::new();
        let serving = sandbox.serve(stop.clone());
        tokio::pin!(serving);
        tokio::select! {
            served = &mut serving => served.map_err(failed)?,
            () = super::interrupted() => {
                stop.cancel();
                serving.await.map_err(failed)?;
            }
        }
        Ok(0)
    })
}
