//! The way a run would take, for the staged connector: secrets of the proxy are resolved as for a run.

use url::Url;

use super::call::Services;
use crate::domain::policy::Proxy;
use crate::domain::{Credential, Failure, NetworkPolicy, SecretText};
use crate::net::staged::Way;
use crate::net::{self, ProxySecrets};
use crate::secrets::Resolver;

/// The way to a URL by a policy.
///
/// # Errors
/// A secret of the proxy that does not resolve; certificates or keys of the policy that cannot be used.
pub async fn way(url: &Url, policy: &NetworkPolicy, services: &Services) -> Result<Way, Failure> {
    let secrets = match &policy.route.proxy {
        Some(proxy) => secrets(proxy, &services.resolver).await?,
        None => ProxySecrets::default(),
    };
    let hops = services.clients.hops(policy).await?;
    net::way(url, policy, secrets, &hops)
}

async fn secrets(proxy: &Proxy, resolver: &Resolver) -> Result<ProxySecrets, Failure> {
    let password = match &proxy.password {
        Some(Credential::Reference(reference)) => Some(resolver.resolve(reference).await?),
        Some(Credential::Typed(secret)) => Some(secret.clone()),
        None => None,
    };
    let mut headers = Vec::with_capacity(proxy.headers.len());
    for header in &proxy.headers {
        let value = match header.reference() {
            Some(reference) => resolver.resolve(&reference).await?,
            None => SecretText::new(header.value.trim()),
        };
        headers.push((header.name.clone(), value));
    }
    Ok(ProxySecrets { password, headers })
}
