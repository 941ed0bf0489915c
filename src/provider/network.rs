//! The secrets of a network policy, fetched for one run as all secrets are.

use url::Url;

use crate::domain::policy::{Identity, NetworkPolicy, Proxy, ProxyScheme};
use crate::domain::{Credential, Failure, SecretText};
use crate::net::PolicySecrets;
use crate::secrets::Resolver;

/// Resolves what a policy refers to, as far as a request to this URL needs it. Also gives everything that no text may
/// show from then on.
///
/// # Errors
/// A failure of kind `secret` that names the reference.
pub async fn policy_secrets(
    policy: &NetworkPolicy,
    url: &Url,
    resolver: &Resolver,
) -> Result<(PolicySecrets, Vec<SecretText>), Failure> {
    let mut secrets = PolicySecrets::default();
    let mut hidden = Vec::new();
    let proxy = policy.route.proxy.as_ref();
    if let Some(proxy) = proxy {
        secrets.proxy_password = password(proxy, resolver).await?;
        for header in &proxy.headers {
            let value = match header.reference() {
                Some(reference) => resolver.resolve(&reference).await?,
                None => SecretText::new(header.value.as_str()),
            };
            if header.reference().is_some() || header.is_plain_secret() {
                hidden.push(value.clone());
            }
            secrets.proxy_headers.push((header.name.clone(), value));
        }
    }
    let speaks_tls = url.scheme() == "https" || proxy.is_some_and(|proxy| proxy.url.scheme == ProxyScheme::Https);
    if let Some(Identity::Pem { passphrase, .. } | Identity::Pkcs12 { passphrase, .. }) = &policy.identity
        && let (Some(reference), true) = (passphrase, speaks_tls)
    {
        secrets.passphrase = Some(resolver.resolve(reference).await?);
    }
    hidden.extend(secrets.hidden(proxy.and_then(|proxy| proxy.user.as_deref())));
    Ok((secrets, hidden))
}

async fn password(proxy: &Proxy, resolver: &Resolver) -> Result<Option<SecretText>, Failure> {
    match &proxy.password {
        None => Ok(None),
        Some(Credential::Reference(reference)) => resolver.resolve(reference).await.map(Some),
        Some(Credential::Typed(secret)) => Ok(Some(secret.clone())),
    }
}
