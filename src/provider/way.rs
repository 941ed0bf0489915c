//! The way a run takes, for the staged connector; and a run that could not connect, explained by it.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::call::{Call, Services};
use super::network::policy_secrets;
use crate::domain::policy::{NetworkKey, ValueSource};
use crate::domain::text::Mask;
use crate::domain::{Endpoint, ErrorKind, Failure, NetworkPolicy};
use crate::net;
use crate::net::staged::{Advice, Way, walk};

/// An explanation is not waited for longer than this: the run has failed already.
const PATIENCE: Duration = Duration::from_secs(3);

/// The way to a URL by a policy, and what hides its secrets.
///
/// # Errors
/// A secret of the policy that does not resolve; certificates or keys of it that cannot be used.
pub async fn way(url: &Url, policy: &NetworkPolicy, services: &Services) -> Result<(Way, Mask), Failure> {
    let (secrets, hidden) = policy_secrets(policy, url, &services.resolver).await?;
    let hops = services.clients.hops(url, policy, &secrets).await?;
    Ok((net::way(url, policy, secrets, &hops)?, Mask::new(hidden)))
}

/// The failure of a run that could not connect, explained by going its way once more, step by step: the client library
/// hides what a proxy or a peer said. No request is sent, so nothing is paid for. Other failures stay as they are, and
/// so does one that cannot be explained in time.
pub(super) async fn explained(
    failure: Failure,
    call: &Call,
    services: &Services,
    cancel: &CancellationToken,
) -> Failure {
    if !could_not_connect(&failure) && !may_be_refused(&failure, &call.policy) {
        return failure;
    }
    tokio::select! {
        biased;
        () = cancel.cancelled() => failure,
        told = told(&failure, call, services) => told.unwrap_or(failure),
    }
}

fn could_not_connect(failure: &Failure) -> bool {
    let connecting = failure.kind == ErrorKind::Timeout && failure.message.contains("connect_timeout");
    let kinds = [ErrorKind::Dns, ErrorKind::Connect, ErrorKind::Proxy, ErrorKind::Tls];
    failure.http_status.is_none() && (connecting || kinds.contains(&failure.kind))
}

/// A server that does not take the client's certificate says so by an alert. In TLS 1.3 the request may be on its way by
/// then, and the reset that answers it overtakes the alert: only a handshake without a request is sure to see it.
fn may_be_refused(failure: &Failure, policy: &NetworkPolicy) -> bool {
    failure.kind == ErrorKind::StreamCut && failure.http_status.is_none() && policy.identity.is_some()
}

async fn told(failure: &Failure, call: &Call, services: &Services) -> Option<Failure> {
    let endpoint = Endpoint::read(&call.connector.url, call.connector.provider).ok()?;
    let (way, mask) = way(&endpoint.url, &call.policy, services).await.ok()?;
    let way = Arc::new(Way { limit: way.limit.min(PATIENCE), ..way });
    let walked = walk(Arc::clone(&way)).await;
    let is_cut = failure.kind == ErrorKind::StreamCut;
    let Err(broken) = walked else {
        if is_cut {
            return None;
        }
        let hint = format!("{}; just now a connection came about, so it may pass: run again", failure.hint);
        return Some(Failure { hint, ..failure.clone() });
    };
    let advice = Advice::of(&broken, &way);
    if is_cut && advice.kind != ErrorKind::Tls {
        return None;
    }
    let stage = broken.step.stage().word();
    let hint = with_place(&advice, &call.policy);
    if failure.kind == ErrorKind::Timeout {
        // Its message names the limit that passed and its length; the way that was gone now had less time.
        return Some(Failure {
            message: format!("{}, at the stage {stage}", failure.message),
            hint,
            ..failure.clone()
        });
    }
    if advice.kind == ErrorKind::Timeout {
        return None;
    }
    let message = format!("{} (stage {stage})", mask.apply(&advice.message));
    Some(Failure { kind: advice.kind, message, hint, ..failure.clone() })
}

/// The hint, with the place of the key it is about where a file or a variable sets it.
fn with_place(advice: &Advice, policy: &NetworkPolicy) -> String {
    // The message names where the proxy is set.
    let keys = advice.keys.iter().filter(|word| **word != NetworkKey::Proxy.word());
    let set = keys.into_iter().find_map(|word| {
        let effective = policy.effective(NetworkKey::of(word)?)?;
        let from = Some(&effective.from).filter(|from| **from != ValueSource::Default)?;
        Some(format!(" ({word}: {from})"))
    });
    format!("{}{}", advice.hint, set.unwrap_or_default())
}
