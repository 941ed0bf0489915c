//! Tokens as Entra ID hands them out, for client credentials whose secret is the sandbox's key.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::KEY;
use super::fault::Refused;

/// The token; it is accepted in the place of the key.
pub(super) const TOKEN: &str = "sandbox-entra-token";

/// The answer to a form.
pub(super) fn answer(form: &[u8]) -> Result<Value, Refused> {
    let field = |name: &str| {
        let mut fields = url::form_urlencoded::parse(form);
        fields.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    if field("grant_type") != "client_credentials" {
        return Err(refused("unsupported_grant_type", 70003, "The app requested an unsupported grant type."));
    }
    if !field("scope").ends_with("/.default") {
        return Err(refused("invalid_scope", 1_002_012, "The provided value for scope is not valid."));
    }
    if field("client_secret") != KEY {
        return Err(refused("invalid_client", 7_000_215, "Invalid client secret provided. The secret is sandbox-key."));
    }
    Ok(json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": TOKEN}))
}

fn refused(error: &str, code: u32, words: &str) -> Refused {
    let description = format!("AADSTS{code}: {words} Trace ID: 00000000-0000-0000-0000-000000000000");
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    Refused::new(status, json!({"error": error, "error_description": description, "error_codes": [code]}))
}
