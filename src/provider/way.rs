//! The way a run would take, for the staged connector: the policy's secrets are resolved as for a run.

use url::Url;

use super::call::Services;
use super::network::policy_secrets;
use crate::domain::{Failure, NetworkPolicy};
use crate::net;
use crate::net::staged::Way;

/// The way to a URL by a policy.
///
/// # Errors
/// A secret of the policy that does not resolve; certificates or keys of it that cannot be used.
pub async fn way(url: &Url, policy: &NetworkPolicy, services: &Services) -> Result<Way, Failure> {
    let (secrets, _hidden) = policy_secrets(policy, url, &services.resolver).await?;
    let hops = services.clients.hops(url, policy, &secrets).await?;
    net::way(url, policy, secrets, &hops)
}
