//! The list of models: a question that costs nothing, asked on the path of every run.

use std::time::{Duration, Instant};

use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::attempt::{shown, version};
use super::call::{Call, Services};
use super::prepare::{Prepared, prepare};
use super::read;
use crate::domain::{Endpoint, Failure, ResponseHead, UrlForm};
use crate::net::{self, Trace, Way};

/// Bytes of a list that are read; some gateways list thousands of models.
const BODY_MAX: usize = 4 << 20;
/// A list is not waited for longer than this: no model has to think for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server answered when it was asked for its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The head of the answer; `at` is how long it took.
    pub head: ResponseHead,
    /// The body, masked.
    pub body: String,
}

impl Listing {
    /// The models' ids; `None` where the answer is no list.
    pub fn models(&self) -> Option<Vec<String>> {
        let value: Value = serde_json::from_str(&self.body).ok()?;
        let list = value.get("data").or_else(|| value.get("models")).unwrap_or(&value).as_array()?;
        let id = |model: &Value| Some(model.get("id").or_else(|| model.get("name"))?.as_str()?.to_owned());
        Some(list.iter().filter_map(id).collect())
    }
}

/// Where an endpoint's list of models is. Of a dated Azure URL it is that of the resource, whatever the deployment.
pub fn models_url(endpoint: &Endpoint) -> Url {
    let mut url = endpoint.url.clone();
    let path = url.path().to_owned();
    let base = match &endpoint.form {
        UrlForm::AzureDeployment { .. } => path.split("/deployments/").next().unwrap_or_default().to_owned(),
        UrlForm::Full | UrlForm::Base | UrlForm::Host | UrlForm::AzureV1 => {
            let known = ["/chat/completions", "/completions", "/responses"];
            let trimmed = path.trim_end_matches('/');
            known.iter().find_map(|end| trimmed.strip_suffix(end)).unwrap_or(trimmed).to_owned()
        }
    };
    url.set_path(&format!("{base}/models"));
    url
}

/// Asks for the list. Any answer in HTTP is one; redirects are not followed.
///
/// # Errors
/// What a run would fail with before an answer.
pub async fn list_models(call: &Call, services: &Services) -> Result<Listing, Failure> {
    let prepared = prepare(call, services).await?;
    let url = models_url(&prepared.endpoint);
    let client = services.clients.of(&url, &call.policy, &prepared.network).await?;
    let trace = Trace::default();
    let way = Way { url: &url, policy: &call.policy, trace: &trace };
    let mut headers = prepared.headers.clone();
    headers.remove(CONTENT_TYPE);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let request = client.get(url.clone()).headers(headers).build();
    let request = request.map_err(|error| net::explain(&error, &way))?;
    let limit = PATIENCE.min(call.policy.limits.connect_timeout + call.policy.limits.first_byte_timeout);
    let began = Instant::now();
    match timeout(limit, trace.follow(client.execute(request))).await {
        Err(_elapsed) => Err(net::timed_out(net::Limit::FirstByte, limit, &url)),
        Ok(Err(error)) => Err(net::explain(&error, &way)),
        Ok(Ok(response)) => Ok(read_listing(response, &prepared, began).await),
    }
}

async fn read_listing(response: Response, prepared: &Prepared, began: Instant) -> Listing {
    let mask = &prepared.mask;
    let header = |(name, value): (&reqwest::header::HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), shown(mask, &String::from_utf8_lossy(value.as_bytes())))
    };
    let head = ResponseHead {
        status: response.status().as_u16(),
        version: version(response.version()),
        headers: response.headers().iter().filter(|(name, _)| *name != "set-cookie").map(header).collect(),
        request_id: None,
        at: began.elapsed(),
    };
    let body = read::error_body(response, PATIENCE, BODY_MAX).await;
    Listing { head, body: mask.apply(&String::from_utf8_lossy(&body)).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Provider;

    fn url(text: &str, provider: Provider) -> String {
        models_url(&Endpoint::read(text, provider).expect("a URL")).to_string()
    }

    #[test]
    fn the_list_stands_beside_the_endpoint() {
        assert_eq!(url("http://h:1/v1", Provider::Other), "http://h:1/v1/models");
        assert_eq!(url("http://h/gw/v1/chat/completions?k=1", Provider::Other), "http://h/gw/v1/models?k=1");
        assert_eq!(url("https://h/v1/responses", Provider::OpenAi), "https://h/v1/models");
        let dated = "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21";
        let list = "https://r.openai.azure.com/openai/models?api-version=2024-10-21";
        assert_eq!(url(dated, Provider::AzureOpenAi), list);
        assert_eq!(
            url("https://r.openai.azure.com/openai/v1/chat/completions", Provider::AzureOpenAi),
            "https://r.openai.azure.com/openai/v1/models"
        );
    }

    fn listing(body: &str) -> Option<Vec<String>> {
        let head = ResponseHead {
            status: 200,
            version: "HTTP/1.1".to_owned(),
            headers: Vec::new(),
            request_id: None,
            at: Duration::ZERO,
        };
        Listing { head, body: body.to_owned() }.models()
    }

    #[test]
    fn lists_of_every_shape_are_read() {
        let ids = Some(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(listing(r#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#), ids);
        assert_eq!(listing(r#"{"models":[{"name":"a"},{"name":"b"}]}"#), ids);
        assert_eq!(listing(r#"[{"id":"a"},{"id":"b"},{"x":1}]"#), ids);
        assert_eq!(listing("<html>"), None);
        assert_eq!(listing(r#"{"error":{}}"#), None);
    }
}
