//! A run as Kibana's event log names it, as a pair of lines of a bulk request.
//!
//! The names are those of `.kibana-event-log-*` for an execution of a `.gen-ai` connector
//! (`kibana.action.execution.gen_ai.usage.*`), so the dashboards made for it read these documents as well. A
//! document's id is the run's: loading it twice adds nothing. What is unknown is left out, never 0.

use serde_json::{Map, Value, json};

use crate::domain::calendar::rfc3339;
use crate::domain::{Outcome, RunRecord, UsageSource};

/// The connector type of the product these documents are for.
const TYPE: &str = ".gen-ai";

/// The tag of a document whose tokens were counted here.
const ESTIMATED: &str = "estimated-usage";

/// The action line and the document.
pub(super) fn entry(run: &RunRecord) -> [Value; 2] {
    [json!({ "create": { "_id": run.id.to_string() } }), document(run)]
}

fn document(run: &RunRecord) -> Value {
    let connector = run.target.connector.as_str();
    let mut document = json!({
        "@timestamp": rfc3339(run.started_at_ms),
        "ecs": { "version": "1.8.0" },
        "event": event(run),
        "message": message(run),
        "kibana": {
            "saved_objects": [{ "rel": "primary", "type": "action", "id": connector, "type_id": TYPE }],
            "action": {
                "name": connector,
                "id": connector,
                "type_id": TYPE,
                "execution": execution(run),
            },
        },
    });
    if let Some(fields) = document.as_object_mut() {
        let named = |name: &str| Some(json!({ "name": name })).filter(|_| !name.is_empty());
        // The event log has no field for it, and every index takes ECS tags.
        let estimated = run.usage.source == UsageSource::Estimated;
        put(fields, "tags", estimated.then(|| json!([ESTIMATED])));
        put(fields, "user", named(&run.caller.user));
        put(fields, "host", named(&run.caller.machine));
        put(fields, "error", run.ending.error_kind.map(|kind| json!({ "message": kind.word(), "type": kind.word() })));
    }
    document
}

fn event(run: &RunRecord) -> Value {
    let mut event = Map::new();
    let outcome = match run.ending.outcome {
        Outcome::Ok => "success",
        Outcome::Error | Outcome::Cancelled => "failure",
    };
    put(&mut event, "provider", Some(json!("actions")));
    put(&mut event, "kind", Some(json!("action")));
    put(&mut event, "action", Some(json!("execute")));
    put(&mut event, "outcome", Some(json!(outcome)));
    put(&mut event, "start", Some(json!(rfc3339(run.started_at_ms))));
    let total = run.timing.total;
    let millis = total.and_then(|total| i64::try_from(total.as_millis()).ok());
    put(&mut event, "end", millis.map(|millis| json!(rfc3339(run.started_at_ms.saturating_add(millis)))));
    // Nanoseconds, as a text: a number this long loses digits on its way.
    put(&mut event, "duration", total.map(|total| json!(total.as_nanos().to_string())));
    Value::Object(event)
}

fn message(run: &RunRecord) -> String {
    let connector = &run.target.connector;
    match run.ending.outcome {
        Outcome::Ok => format!("action executed: {TYPE}:{connector}: {connector}"),
        Outcome::Error => format!("action execution failure: {TYPE}:{connector}: {connector}"),
        Outcome::Cancelled => format!("action execution cancelled: {TYPE}:{connector}: {connector}"),
    }
}

fn execution(run: &RunRecord) -> Value {
    let mut tokens = Map::new();
    put(&mut tokens, "prompt_tokens", run.usage.prompt.map(Value::from));
    put(&mut tokens, "completion_tokens", run.usage.completion.map(Value::from));
    put(&mut tokens, "total_tokens", run.usage.total.map(Value::from));
    let mut execution = json!({
        "uuid": run.id.to_string(),
        "source": run.caller.source.word(),
        "usage": { "request_body_bytes": run.traffic.request_bytes },
    });
    if let Some(fields) = execution.as_object_mut() {
        let usage = (!tokens.is_empty()).then(|| json!({ "usage": tokens }));
        put(fields, "gen_ai", usage);
    }
    execution
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value);
    }
}
