//! Everything that is refused, and how.

use super::*;

const CHAT: &str = "/v1/chat/completions";
const AZURE: &str = "/openai/v1/chat/completions";

#[tokio::test]
async fn a_wrong_key_is_partly_repeated() {
    let sandbox = start(fast()).await;
    let body = chat_body("m").to_string();
    let openai =
        sandbox.call(&format!("POST {CHAT} HTTP/1.1\r\nauthorization: Bearer sk-0123456789abcdef"), &body).await;
    assert_eq!((openai.status, &openai.json()["error"]["code"]), (401, &json!("invalid_api_key")));
    assert!(openai.text().contains("sk-01234****cdef"), "{}", openai.text());
    let azure = sandbox.call(&format!("POST {AZURE} HTTP/1.1\r\napi-key: 0123456789abcdef"), &body).await;
    assert_eq!((azure.status, &azure.json()["error"]["code"]), (401, &json!("401")));
    assert!(azure.text().contains("01234567****cdef"), "{}", azure.text());
}

#[tokio::test]
async fn no_key_is_refused_unless_the_sandbox_is_open() {
    let (closed, open) = (start(fast()).await, start(Options { auth: Auth::Open, ..fast() }).await);
    let head = format!("POST {CHAT} HTTP/1.1");
    assert_eq!(closed.call(&head, &chat_body("m").to_string()).await.status, 401);
    assert_eq!(open.call(&head, &chat_body("m").to_string()).await.status, 200);
}

#[tokio::test]
async fn the_key_is_taken_in_both_forms_everywhere() {
    let sandbox = start(fast()).await;
    for path in [CHAT, AZURE] {
        for header in ["authorization: bearer sandbox-key", "api-key: sandbox-key"] {
            let answer = sandbox.call(&format!("POST {path} HTTP/1.1\r\n{header}"), &chat_body("m").to_string()).await;
            assert_eq!(answer.status, 200, "{path} {header}");
        }
    }
}

/// Model, status, `OpenAI`'s code, Azure's code.
const FAULTS: [(&str, u16, Option<&str>, &str); 7] = [
    ("rate-limit", 429, Some("rate_limit_exceeded"), "429"),
    ("quota", 429, Some("insufficient_quota"), "insufficient_quota"),
    ("unauthorized", 401, Some("invalid_api_key"), "401"),
    ("not-found", 404, Some("model_not_found"), "DeploymentNotFound"),
    ("server-error", 500, None, "InternalServerError"),
    ("context-length", 400, Some("context_length_exceeded"), "context_length_exceeded"),
    ("content-filter", 400, Some("content_filter"), "content_filter"),
];

#[tokio::test]
async fn each_fault_has_its_status_and_code() {
    let sandbox = start(fast()).await;
    for (model, status, openai, azure) in FAULTS {
        let answer = sandbox.chat(model).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (status, &json!(openai)), "{model}");
        let answer = sandbox.post(AZURE, &chat_body(model)).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (status, &json!(azure)), "{model}");
        let body = json!({"model": model, "input": "Hi", "stream": true});
        assert_eq!(sandbox.post("/v1/responses", &body).await.status, status, "{model}");
    }
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let sandbox = start(fast()).await;
    let openai = sandbox.chat("rate-limit").await;
    assert_eq!(openai.header("retry-after").unwrap(), "2");
    assert_eq!(openai.header("x-ratelimit-reset-requests").unwrap(), "2s");
    assert_eq!(openai.header("x-ratelimit-remaining-requests").unwrap(), "0");
    let azure = sandbox.post(AZURE, &chat_body("rate-limit")).await;
    assert_eq!(azure.header("x-ratelimit-reset-requests").unwrap(), "2");
}

#[tokio::test]
async fn a_filtered_prompt_has_an_inner_error() {
    let error = start(fast()).await.chat("content-filter").await.json()["error"].clone();
    assert_eq!(error["innererror"]["code"], "ResponsibleAIPolicyViolation");
    assert_eq!(error["innererror"]["content_filter_result"]["violence"]["filtered"], true);
}

#[tokio::test]
async fn unknown_paths_answer_as_their_servers_do() {
    let sandbox = start(fast()).await;
    let nowhere = sandbox.post("/chat/completions", &chat_body("m")).await;
    assert_eq!((nowhere.status, nowhere.text().trim()), (404, "404 page not found"));
    assert_eq!(nowhere.header("content-type").unwrap(), "text/plain; charset=utf-8");
    let unknown = sandbox.post("/v1/embeddings", &chat_body("m")).await;
    assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (404, &json!("unknown_url")));
    let undated = sandbox.post("/openai/deployments/gpt/chat/completions", &chat_body("m")).await;
    assert_eq!(undated.json()["error"], json!({"code": "404", "message": "Resource not found"}));
}

#[tokio::test]
async fn a_wrong_method_is_named() {
    let sandbox = start(fast()).await;
    let answer = sandbox.call(&format!("GET {CHAT} HTTP/1.1\r\napi-key: {KEY}"), "").await;
    assert_eq!((answer.status, answer.header("allow").unwrap().as_str()), (405, "POST"));
}

#[tokio::test]
async fn a_bad_body_is_explained() {
    let sandbox = start(fast()).await;
    let head = format!("POST {CHAT} HTTP/1.1\r\napi-key: {KEY}");
    let broken = sandbox.call(&head, "{\"model\":").await;
    assert_eq!(broken.status, 400);
    assert!(broken.text().contains("JSON"), "{}", broken.text());
    let nameless = sandbox.post(CHAT, &json!({"messages": hello()})).await;
    assert_eq!((nameless.status, &nameless.json()["error"]["param"]), (400, &json!("model")));
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_refused() {
    let sandbox = start(fast()).await;
    let head = format!("POST {CHAT} HTTP/1.1\r\napi-key: {KEY}");
    let answer = sandbox.call(&head, &" ".repeat(17 << 20)).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (413, &json!("request_too_large")));
}
