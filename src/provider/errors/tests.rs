use std::time::Duration;

use super::*;
use crate::domain::{Auth, ConnectorId, Credential, ErrorKind, Header, NetworkOverlay, Options, Provider, SecretText};

const OPENAI: &str = "https://api.openai.com/v1/chat/completions";
const AZURE: &str = "https://acme.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21";

fn connector(provider: Provider, url: &str) -> Connector {
    Connector {
        id: "x".parse::<ConnectorId>().unwrap(),
        name: "X".to_owned(),
        provider,
        url: url.to_owned(),
        default_model: Some("gpt-x".to_owned()),
        auth: Auth { api_key: Some(Credential::Reference("env:MY_KEY".parse().unwrap())), ..Auth::default() },
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    }
}

fn asked(connector: &Connector, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Failure {
    let endpoint = Endpoint::read(&connector.url, connector.provider).unwrap();
    let mask = Mask::new([SecretText::new("hunter2hunter2")]);
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    from_response(status, &headers, body, &About { connector, endpoint: &endpoint, mask: &mask })
}

fn openai(status: u16, body: &str) -> Failure {
    asked(&connector(Provider::OpenAi, OPENAI), status, &[], body.as_bytes())
}

fn azure(status: u16, body: &str) -> Failure {
    asked(&connector(Provider::AzureOpenAi, AZURE), status, &[], body.as_bytes())
}

#[test]
fn every_shape_of_body_gives_its_message() {
    for (status, body, message) in [
        (400, r#"{"error":{"message":"m","type":"t","param":null,"code":null}}"#, "m"),
        (400, r#"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#, "m"),
        (401, r#"{"error":"Unauthorized"}"#, "Unauthorized"),
        (401, r#"{"statusCode":401,"message":"m"}"#, "m"),
        (400, r#"{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}"#, "m"),
        (503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, "Loading model"),
        (
            429,
            r#"{"error":{"message":"litellm.RateLimitError: m","type":"None","param":"None","code":"429"}}"#,
            "litellm.RateLimitError: m",
        ),
        (
            422,
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","store"],"msg":"no","input":1}]}}"#,
            "store: no",
        ),
        (422, r#"{"detail":[{"loc":["body","model"],"msg":"Field required"}]}"#, "model: Field required"),
        (404, r#"{"detail":"Not Found"}"#, "Not Found"),
        (401, r#"{"message":"Unauthorized"}"#, "Unauthorized"),
        (
            502,
            r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"boom"}}}"#,
            "Provider returned error: boom",
        ),
        (400, r#"{"error":"invalid_client","error_description":"AADSTS7000215: wrong"}"#, "AADSTS7000215: wrong"),
        (500, r#"{"errors":[{"message":"m"}]}"#, "m"),
        (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, "Overloaded"),
        (500, r#"{"error":{"unexpected":1}}"#, r#"{"unexpected":1}"#),
        (500, r#"{"error":true,"message":"m"}"#, "m"),
        (500, r#""just text""#, "just text"),
        (404, "404 page not found\n", "404 page not found"),
        (
            502,
            "<html><head><title>502 Bad Gateway</title><style>a{}</style></head>\n<body><h1>Bad&nbsp;Gateway</h1><script>alert(1)</script></body></html>",
            "502 Bad Gateway Bad Gateway",
        ),
    ] {
        assert_eq!(openai(status, body).message, format!("HTTP {status} from api.openai.com: {message}"), "{body}");
    }
    assert_eq!(openai(502, " ").message, "HTTP 502 from api.openai.com, without an explanation");
}

#[test]
fn the_kind_comes_from_words_and_status() {
    let error =
        |code: &str, message: &str| format!(r#"{{"error":{{"message":"{message}","type":"x","code":{code}}}}}"#);
    for (status, code, message, kind) in [
        (400, r#""context_length_exceeded""#, "m", ErrorKind::ContextLength),
        (400, "400", "This model's maximum context length is 4096 tokens", ErrorKind::ContextLength),
        (429, "null", "maximum context length", ErrorKind::RateLimit),
        (400, r#""content_filter""#, "m", ErrorKind::ContentFilter),
        (429, r#""insufficient_quota""#, "m", ErrorKind::Quota),
        (429, "null", "You exceeded your current quota, please check your plan", ErrorKind::Quota),
        (402, "null", "m", ErrorKind::Quota),
        (429, r#""rate_limit_exceeded""#, "m", ErrorKind::RateLimit),
        (401, r#""invalid_api_key""#, "m", ErrorKind::Auth),
        (403, "null", "m", ErrorKind::Auth),
        (400, "null", "API key not valid. Please pass a valid API key.", ErrorKind::Auth),
        (404, "null", "m", ErrorKind::NotFound),
        (400, r#""model_not_found""#, "m", ErrorKind::NotFound),
        (400, "null", "m", ErrorKind::InvalidRequest),
        (405, "null", "m", ErrorKind::InvalidRequest),
        (409, "null", "m", ErrorKind::InvalidRequest),
        (413, "null", "m", ErrorKind::InvalidRequest),
        (415, "null", "m", ErrorKind::InvalidRequest),
        (422, "null", "m", ErrorKind::InvalidRequest),
        (407, "null", "m", ErrorKind::Proxy),
        (408, "null", "m", ErrorKind::Server),
        (504, "null", "m", ErrorKind::Server),
        (529, "null", "m", ErrorKind::Server),
        (302, "null", "m", ErrorKind::Malformed),
    ] {
        let failure = openai(status, &error(code, message));
        assert_eq!(failure.kind, kind, "{status} {code} {message}");
        assert_eq!(failure.http_status, Some(status));
        assert!(!failure.hint.is_empty(), "{status} {code}");
    }
    let llama =
        r#"{"error":{"code":400,"message":"m","type":"exceed_context_size_error","n_prompt_tokens":90,"n_ctx":64}}"#;
    assert_eq!(openai(400, llama).kind, ErrorKind::ContextLength);
    assert!(openai(400, llama).hint.contains("90 tokens and the model holds 64"));
}

#[test]
fn a_quota_that_fills_again_is_a_rate_limit() {
    let body = r#"[{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED",
        "details":[{"@type":"RetryInfo","retryDelay":"36s"}]}}]"#;
    let failure = openai(429, body);
    assert_eq!(failure.kind, ErrorKind::RateLimit);
    assert!(failure.hint.starts_with("wait 36 s"), "{}", failure.hint);
}

#[test]
fn azure_errors_are_told_apart() {
    let not_found =
        azure(404, r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist"}}"#);
    assert!(not_found.hint.contains("deployment \"gpt\""), "{}", not_found.hint);
    let path = azure(404, r#"{"error":{"code":"404","message":"Resource not found"}}"#);
    assert!(path.hint.contains("api-version 2024-10-21"), "{}", path.hint);
    let key = azure(401, r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}"#);
    assert_eq!(key.hint, "check the key in env:MY_KEY: it must belong to the Azure resource acme.openai.azure.com");
    let filtered = azure(
        400,
        r#"{"error":{"message":"m","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation",
            "content_filter_result":{"hate":{"filtered":true},"sexual":{"filtered":false}}}}}"#,
    );
    assert_eq!(filtered.kind, ErrorKind::ContentFilter);
    assert!(filtered.hint.contains("hit hate:"), "{}", filtered.hint);
    let old =
        azure(400, r#"{"error":{"message":"Unrecognized request argument supplied: stream_options","code":null}}"#);
    assert_eq!(old.hint, "remove \"stream_options\" from the body, or use a newer api-version in the URL");
}

#[test]
fn a_refused_key_is_named_by_its_reference() {
    assert_eq!(openai(401, "{}").hint, "check the key in env:MY_KEY: api.openai.com refused it");
    let mut own = connector(Provider::Other, "http://h:8000/v1");
    own.auth.api_key = None;
    assert!(asked(&own, 401, &[], b"").hint.starts_with("this connector sends no key"));
    own.headers.push(Header { name: "X-Api-Key".to_owned(), value: "env:K".to_owned() });
    assert_eq!(asked(&own, 401, &[], b"").hint, "check the key in the header \"X-Api-Key\": h:8000 refused it");
    own.auth.api_key = Some(Credential::Typed(SecretText::new("typed-secret")));
    assert_eq!(asked(&own, 401, &[], b"").hint, "check the key that was typed: h:8000 refused it");
}

#[test]
fn the_parameter_to_remove_is_named() {
    let unsupported = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#;
    assert!(openai(400, unsupported).hint.contains("use \"max_completion_tokens\" instead"));
    for (status, body, hint) in [
        (
            400,
            r#"{"error":{"message":"bad value","param":"temperature","code":"unsupported_value"}}"#,
            "check \"temperature\" in the body",
        ),
        (
            400,
            r#"[{"error":{"code":400,"message":"Unknown name \"store\": Cannot find field."}}]"#,
            "remove \"store\" from the body",
        ),
        (
            422,
            r#"{"detail":[{"loc":["body","store"],"msg":"Extra inputs are not permitted"}]}"#,
            "remove \"store\" from the body",
        ),
    ] {
        assert_eq!(openai(status, body).hint, hint, "{body}");
    }
}

#[test]
fn a_missing_path_suggests_the_version() {
    let bare = connector(Provider::Other, "http://h:8000/chat/completions");
    for body in ["404 page not found", "<html><body>Not Found</body></html>", ""] {
        let failure = asked(&bare, 404, &[], body.as_bytes());
        assert_eq!(failure.kind, ErrorKind::NotFound);
        assert!(failure.hint.contains("ends in /v1"), "{}", failure.hint);
    }
    let model = openai(404, r#"{"error":{"message":"model \"q\" not found, try pulling it first"}}"#);
    assert!(model.hint.contains("ollama pull") && model.hint.contains("gpt-x"), "{}", model.hint);
}

#[test]
fn waits_are_told() {
    let openai = connector(Provider::OpenAi, OPENAI);
    assert!(asked(&openai, 429, &[("Retry-After", "7")], b"").hint.starts_with("wait 7 s"));
    assert!(asked(&openai, 429, &[("retry-after-ms", "1500"), ("retry-after", "9")], b"").hint.starts_with("wait 2 s"));
    assert!(asked(&openai, 503, &[], br#"{"error":{"message":"Loading model"}}"#).hint.contains("loading its model"));
    assert!(asked(&openai, 500, &[("x-request-id", "req_1")], b"").hint.contains("req_1"));
    let redirect = asked(&openai, 307, &[("location", "https://other.test/v1")], b"");
    assert!(redirect.hint.contains("https://other.test/v1"), "{}", redirect.hint);
}

#[test]
fn secrets_and_control_characters_do_not_pass() {
    let body = "{\"error\":{\"message\":\"key hunter2hunter2 or sk-abcdef123456 \\u001b[31mred\\u202e\",\"param\":\"hunter2hunter2\"}}";
    let failure = openai(400, body);
    assert_eq!(failure.message, "HTTP 400 from api.openai.com: key •••• or sk-•••• ␛[31mred\u{FFFD}");
    assert!(!failure.hint.contains("hunter2"), "{}", failure.hint);
    let long = format!("{} hunter2hunter2", "x".repeat(490));
    let failure = openai(500, &long);
    assert!(failure.message.len() < 560 && !failure.message.contains("hunter"), "{}", failure.message);
    let bytes = asked(&connector(Provider::OpenAi, OPENAI), 500, &[], b"\xFF\xFE broken");
    assert!(bytes.message.contains("broken"));
}

#[test]
fn errors_inside_a_stream_have_a_kind_without_a_status() {
    let own = connector(Provider::OpenAi, OPENAI);
    let endpoint = Endpoint::read(OPENAI, Provider::OpenAi).unwrap();
    let mask = Mask::default();
    let about = About { connector: &own, endpoint: &endpoint, mask: &mask };
    for (error, kind) in [
        (r#"{"code":"insufficient_quota","message":"m"}"#, ErrorKind::Quota),
        (r#"{"code":429,"message":"m"}"#, ErrorKind::RateLimit),
        (r#"{"type":"server_error","message":"m"}"#, ErrorKind::Server),
        (r#"{"code":"rate_limit_exceeded","message":"m"}"#, ErrorKind::RateLimit),
        (r#"{"type":"authentication_error","message":"m"}"#, ErrorKind::Auth),
        (r#"{"type":"invalid_request_error","message":"m"}"#, ErrorKind::InvalidRequest),
        (r#""boom""#, ErrorKind::Server),
    ] {
        let failure = in_stream(&Told::from_json(&serde_json::from_str(error).unwrap()), &about);
        assert_eq!((failure.kind, failure.http_status), (kind, None), "{error}");
        assert!(failure.message.starts_with("api.openai.com reported an error inside its reply: "));
    }
}

#[test]
fn hostile_pages_cost_linear_time() {
    for page in ["<".repeat(1 << 20), "<script".repeat(1 << 17), format!("<html>{}", "<!--".repeat(1 << 18))] {
        let failure = openai(500, &page);
        assert!(failure.message.len() < 600);
    }
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_servers_wish_to_wait_is_read_in_every_form() {
    let now = "1994-11-06T08:49:07Z".parse().unwrap();
    for (pairs, wait) in [
        (vec![("retry-after-ms", "250.5"), ("retry-after", "9")], Some(Duration::from_micros(250_500))),
        (vec![("retry-after", "1.5")], Some(Duration::from_millis(1500))),
        (vec![("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")], Some(Duration::from_secs(30))),
        (vec![("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], None),
        (vec![("retry-after", "-3")], None),
        (vec![("retry-after", "NaN")], None),
        (vec![("retry-after-ms", "soon"), ("retry-after", "2")], Some(Duration::from_secs(2))),
        (vec![], None),
    ] {
        assert_eq!(retry_after(&headers(&pairs), now), wait, "{pairs:?}");
    }
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let none = headers(&[]);
    for status in [408, 409, 429, 500, 502, 503, 529] {
        assert!(should_retry(ErrorKind::Server, Some(status), &none), "{status}");
    }
    for status in [400, 401, 403, 404, 422] {
        assert!(!should_retry(ErrorKind::InvalidRequest, Some(status), &none), "{status}");
    }
    assert!(should_retry(ErrorKind::Connect, None, &none));
    assert!(!should_retry(ErrorKind::Tls, None, &none));
    assert!(!should_retry(ErrorKind::Quota, Some(429), &headers(&[("x-should-retry", "true")])));
    assert!(!should_retry(ErrorKind::Server, Some(500), &headers(&[("x-should-retry", "false")])));
    assert!(should_retry(ErrorKind::InvalidRequest, Some(400), &headers(&[("X-Should-Retry", "true")])));
}

#[test]
fn the_back_off_grows_to_eight_seconds() {
    let waits: Vec<_> = (0..7).map(|retried| next_wait(retried, None, 0.0)).collect();
    let seconds = |seconds: f64| Wait::For(Duration::from_secs_f64(seconds));
    assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0].map(seconds));
    assert_eq!(next_wait(0, None, 1.0), seconds(0.375));
    assert_eq!(next_wait(0, Some(Duration::from_secs(3)), 0.5), seconds(3.0));
    assert_eq!(next_wait(0, Some(Duration::from_secs(121)), 0.5), Wait::TooLong(Duration::from_secs(121)));
}
