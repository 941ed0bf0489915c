//! Values the tests of this room start from.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, Mode};
use crate::domain::{Auth, Connector, NetworkOverlay, NetworkPolicy, Options, Provider, RunId};
use crate::secrets::Resolver;

/// A connector with the default model `m` and nothing else.
pub(super) fn connector(provider: Provider, url: &str) -> Connector {
    Connector {
        id: "test".parse().expect("an id"),
        name: "Test".to_owned(),
        provider,
        url: url.to_owned(),
        default_model: Some("m".to_owned()),
        auth: Auth::default(),
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    }
}

/// A streamed call of a body.
pub(super) fn call(connector: Connector, body: &str) -> Call {
    Call {
        run: RunId::from_u128(1),
        connector,
        policy: NetworkPolicy::default(),
        body: body.to_owned(),
        mode: Mode::Stream,
        queued: Duration::ZERO,
    }
}

/// A resolver that sees these variables and no others.
pub(super) fn resolver(variables: &[(&str, &str)]) -> Resolver {
    let variables: HashMap<String, OsString> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
    Resolver::new(Arc::new(move |name: &str| variables.get(name).cloned()))
}
