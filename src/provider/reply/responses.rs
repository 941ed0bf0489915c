//! The Responses protocol: its events, and the response object that ends a stream or is the whole body.
//!
//! Deltas are what counts; the texts and items that repeat them at the end only fill in what did not come.

use serde_json::{Map, Value};

use crate::domain::RunEvent;

use super::super::errors::{Told, is_error};
use super::chat::{arguments, integer, joined, text};
use super::tools::ToolPiece;
use super::{Reply, Step};

impl Reply {
    /// One event, by the type in its data: the `event:` line may be missing.
    pub(super) fn response_event(&mut self, class: &str, event: &Map<String, Value>, out: &mut Vec<RunEvent>) -> Step {
        let delta = text(event, "delta");
        match class.strip_prefix("response.").unwrap_or(class) {
            "output_text.delta" => self.out.content(delta, out),
            "reasoning_text.delta" | "reasoning_summary_text.delta" => self.out.reasoning(delta, out),
            "refusal.delta" => self.out.refusal(delta, out),
            "output_text.done" if !self.out.has_content() => self.out.content(text(event, "text"), out),
            "refusal.done" if !self.out.has_content() => self.out.refusal(text(event, "refusal"), out),
            "reasoning_text.done" | "reasoning_summary_text.done" if self.out.reasoning.is_empty() => {
                self.out.reasoning(text(event, "text"), out);
            }
            "reasoning_summary_part.added" if !self.out.reasoning.is_empty() => self.out.reasoning("\n\n", out),
            "function_call_arguments.delta" | "custom_tool_call_input.delta" => {
                let piece = ToolPiece { index: output_index(event), id: "", name: "", arguments: delta };
                self.out.tool(&piece, out);
            }
            "function_call_arguments.done" | "custom_tool_call_input.done" => self.arguments_done(event, out),
            "output_item.added" | "output_item.done" => {
                if let Some(Value::Object(item)) = event.get("item") {
                    self.call_item(output_index(event), item, out);
                }
            }
            "completed" | "incomplete" | "failed" => return self.ended(class, event, out),
            _ => self.snapshot(event),
        }
        Step::Continue
    }

    /// The response object as a body, or at a stream's end.
    pub(super) fn response_object(&mut self, response: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        self.named(text(response, "model"));
        let had_content = self.out.has_content();
        let had_reasoning = !self.out.reasoning.is_empty();
        let items = response.get("output").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (position, item) in items.iter().enumerate() {
            let Value::Object(item) = item else { continue };
            match text(item, "type") {
                "message" if !had_content => self.message_item(item, out),
                "reasoning" if !had_reasoning => self.reasoning_item(item, out),
                _ => self.call_item(i64::try_from(position).ok(), item, out),
            }
        }
        if let Some(usage) = response.get("usage") {
            self.consumed(usage, out);
        }
        self.conclude(response);
    }

    fn conclude(&mut self, response: &Map<String, Value>) {
        self.facts.terminated = true;
        let status = text(response, "status");
        let reason =
            response.get("incomplete_details").and_then(|details| details.get("reason")).and_then(Value::as_str);
        self.finished(reason.unwrap_or(status));
        match response.get("error").filter(|error| is_error(error)) {
            Some(error) => self.told(Told::from_json(error)),
            None if matches!(status, "failed" | "cancelled") => {
                self.told(Told { message: format!("the response is {status}"), ..Told::default() });
            }
            None => {}
        }
    }

    fn ended(&mut self, class: &str, event: &Map<String, Value>, out: &mut Vec<RunEvent>) -> Step {
        match event.get("response") {
            Some(Value::Object(response)) => self.response_object(response, out),
            Some(_) | None => self.finished(class.trim_start_matches("response.")),
        }
        if class == "response.failed" {
            self.told(Told::default());
        }
        self.facts.terminated = true;
        Step::Done
    }

    fn snapshot(&mut self, event: &Map<String, Value>) {
        if let Some(Value::Object(response)) = event.get("response") {
            self.named(text(response, "model"));
        }
    }

    fn arguments_done(&mut self, event: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        let arguments = arguments(event.get("arguments").or_else(|| event.get("input")));
        let piece = ToolPiece { index: output_index(event), id: "", name: text(event, "name"), arguments: &arguments };
        self.out.whole_tool(&piece, out);
    }

    /// An item, where it is a call. Calls are known by their place: some providers rename them between events.
    fn call_item(&mut self, index: Option<i64>, item: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        let arguments = match text(item, "type") {
            "function_call" => arguments(item.get("arguments")),
            "custom_tool_call" => arguments(item.get("input")),
            _ => return,
        };
        let id = if text(item, "call_id").is_empty() { text(item, "id") } else { text(item, "call_id") };
        self.out.whole_tool(&ToolPiece { index, id, name: text(item, "name"), arguments: &arguments }, out);
    }

    fn message_item(&mut self, item: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        match item.get("content") {
            Some(Value::String(text)) => self.out.content(text, out),
            Some(Value::Array(parts)) => {
                for part in parts.iter().filter_map(Value::as_object) {
                    self.out.content(text(part, "text"), out);
                    self.out.refusal(text(part, "refusal"), out);
                }
            }
            Some(_) | None => {}
        }
    }

    fn reasoning_item(&mut self, item: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        let summary = item.get("summary").map(joined).unwrap_or_default();
        let content = item.get("content").map(joined).unwrap_or_default();
        self.out.reasoning(if summary.is_empty() { &content } else { &summary }, out);
    }
}

fn output_index(event: &Map<String, Value>) -> Option<i64> {
    event.get("output_index").and_then(integer)
}
