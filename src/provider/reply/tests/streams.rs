use super::*;

#[test]
fn an_ordinary_stream_is_read() {
    let read = chat(&[
        r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-x","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}"#,
        r#"{"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"content":"lo \"é\n"},"finish_reason":null}],"usage":null}"#,
        STOP,
        r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}}"#,
        "[DONE]",
    ]);
    assert_eq!(read.verdict.answer.as_str(), "Hello \"é\n");
    assert_eq!(read.deltas(), 2, "a chunk with a role alone is no output");
    assert_eq!(read.verdict.model.as_deref(), Some("gpt-x"));
    assert_eq!(read.verdict.finish_reason.as_deref(), Some("stop"));
    assert_eq!(read.verdict.failure, None);
    let usage = Usage {
        prompt: Some(9),
        completion: Some(3),
        total: Some(12),
        cached: Some(4),
        cache_write: Some(1),
        reasoning: Some(2),
        stated_cost: None,
        source: UsageSource::Reported,
    };
    assert_eq!(read.verdict.usage, usage);
    assert_eq!(read.transcript.usage, usage);
    assert_eq!(read.steps.last(), Some(&Step::Done));
    assert!(read.steps.iter().rev().skip(1).all(|step| *step == Step::Continue));
}

#[test]
fn the_fast_reader_and_the_full_one_agree() {
    for data in [
        content("x"),
        delta(&json!({"reasoning_content": "r", "content": null})),
        delta(&json!({"reasoning": "r", "reasoning_content": "", "content": "c"})),
        delta(&json!({"reasoning": "r", "reasoning_content": "r"})),
        json!({"choices": [{"text": "legacy", "finish_reason": "length"}]}).to_string(),
        json!({"choices": [{"index": null, "delta": null, "finish_reason": ""}], "model": null}).to_string(),
    ] {
        let (mut fast, mut full) = (Reply::new(CHAT), Reply::new(CHAT));
        let (mut fast_out, mut full_out) = (Vec::new(), Vec::new());
        assert_eq!(fast.fast_frame("message", &data, &mut fast_out), Some(Step::Continue), "{data}");
        let value: Value = serde_json::from_str(&data).unwrap();
        full.object("message", value.as_object().unwrap(), &mut full_out);
        assert_eq!(fast_out, full_out, "{data}");
        assert_eq!(fast.facts.finish_reason, full.facts.finish_reason);
    }
}

#[test]
fn azure_chunks_without_choices_or_delta_are_nothing_special() {
    let read = chat(&[
        r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false}}}]}"#,
        r#"{"choices":[{"content_filter_results":{},"delta":{"content":"","refusal":null,"role":"assistant"},"finish_reason":null,"index":0}],"model":"gpt-5-2025-08-07","usage":null}"#,
        &content("Hi"),
        STOP,
        r#"{"id":"","model":"","choices":[{"index":0,"finish_reason":null,"content_filter_results":{"hate":{"filtered":false}},"content_filter_offsets":{"check_offset":30}}],"usage":null}"#,
        "[DONE]",
    ]);
    assert_eq!(read.verdict.model.as_deref(), Some("gpt-5-2025-08-07"));
    assert_eq!((read.verdict.answer.as_str(), read.kind()), ("Hi", None));
    assert_eq!(read.verdict.finish_reason.as_deref(), Some("stop"));
}

#[test]
fn a_filter_that_speaks_late_has_the_last_word() {
    let read = chat(&[
        &content("bad"),
        STOP,
        r#"{"choices":[{"index":0,"finish_reason":"content_filter","content_filter_results":{"protected_material_text":{"detected":true,"filtered":true}}}],"usage":null}"#,
        STOP,
    ]);
    let failure = read.verdict.failure.unwrap();
    assert_eq!(failure.kind, ErrorKind::ContentFilter);
    assert!(failure.hint.contains("protected_material_text"), "{}", failure.hint);
    assert_eq!(read.verdict.answer.as_str(), "bad", "what arrived is kept");
}

#[test]
fn usage_is_the_last_that_is_not_zero() {
    let usage = |usage: Value| json!({"choices": [], "usage": usage}).to_string();
    let read = chat(&[
        &usage(json!({"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6})),
        &usage(json!({"prompt_tokens": 5.0, "completion_tokens": "7", "total_tokens": null})),
        &usage(json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})),
        &usage(json!({})),
        &usage(Value::Null),
        STOP,
    ]);
    let usage = read.verdict.usage;
    assert_eq!((usage.prompt, usage.completion, usage.total), (Some(5), Some(7), Some(12)));
    assert_eq!(read.events.iter().filter(|event| matches!(event, RunEvent::Usage(_))).count(), 2);
}

#[test]
fn reasoning_counted_apart_becomes_part_of_the_completion() {
    for (stated, completion, reasoning) in [
        (
            json!({"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 354, "completion_tokens_details": {"reasoning_tokens": 340}}),
            342,
            Some(340),
        ),
        (json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40}), 30, Some(25)),
        (json!({"prompt_tokens": 10, "total_tokens": 40}), 30, None),
        (json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "reasoning_tokens": 3}), 5, Some(3)),
        (
            json!({"input_tokens": 75, "output_tokens": 1186, "total_tokens": 1261, "output_tokens_details": {"reasoning_tokens": 1024}}),
            1186,
            Some(1024),
        ),
    ] {
        let usage = usage::read(&stated).unwrap();
        assert_eq!((usage.completion, usage.reasoning), (Some(completion), reasoning), "{stated}");
    }
    let deepseek =
        usage::read(&json!({"prompt_tokens": 10, "completion_tokens": 1, "prompt_cache_hit_tokens": 8})).unwrap();
    assert_eq!(deepseek.cached, Some(8));
    let groq = chat(&[r#"{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":1,"completion_tokens":2}}}"#, STOP]);
    assert_eq!(groq.verdict.usage.total, Some(3));
    assert_eq!(usage::read(&json!({"prompt_tokens": -1, "completion_tokens": 1e300})), None);
}

#[test]
fn reasoning_is_found_under_every_key() {
    for piece in [
        json!({"reasoning_content": "why", "content": null}),
        json!({"reasoning": "why", "content": ""}),
        json!({"reasoning": "why", "reasoning_content": "why"}),
        json!({"reasoning_details": [{"type": "reasoning.text", "text": "wh"}, {"type": "reasoning.summary", "summary": "y"}, {"type": "reasoning.encrypted", "data": "zzz"}]}),
        json!({"reasoning": "why", "reasoning_details": [{"type": "reasoning.text", "text": "why"}]}),
        json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "why"}]}]}),
        json!({"content": "<think>why</think>"}),
    ] {
        let read = chat(&[&delta(&piece), &content("ok"), STOP]);
        assert_eq!((read.verdict.reasoning.as_str(), read.verdict.answer.as_str()), ("why", "ok"), "{piece}");
    }
    let read = chat(&[&delta(&json!({"content": [{"type": "text", "text": "a"}, "b"]})), STOP]);
    assert_eq!(read.verdict.answer.as_str(), "ab");
}

#[test]
fn a_tag_later_in_an_answer_is_text() {
    let read = chat(&[&content("write <think>"), &content("x</think>"), STOP]);
    assert_eq!(read.verdict.answer.as_str(), "write <think>x</think>");
    let read = chat(&[&content(" <thi"), STOP]);
    assert_eq!(read.verdict.answer.as_str(), " <thi", "what was held back is not lost");
    let read = chat(&[&content("<think>never closed"), STOP]);
    assert_eq!((read.verdict.reasoning.as_str(), read.verdict.answer.as_str()), ("never closed", ""));
}

#[test]
fn tool_calls_are_told_apart_whatever_the_indexes() {
    let call = |call: Value| delta(&json!({"tool_calls": [call]}));
    let openai = [
        call(json!({"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}})),
        call(json!({"index": 0, "function": {"arguments": "{\"x\""}})),
        call(json!({"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}})),
        call(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": ":1}"}})),
    ];
    let from_one = [
        call(json!({"index": 1, "id": "a", "function": {"name": "f", "arguments": "{\"x\":1}"}})),
        call(json!({"index": 2, "id": "b", "function": {"name": "g", "arguments": "{}"}})),
    ];
    let no_index = [
        call(json!({"id": "a", "function": {"name": "f", "arguments": "{\"x\":"}})),
        call(json!({"index": null, "function": {"arguments": "1}"}})),
        call(json!({"id": "b", "function": {"name": "g", "arguments": {}}})),
    ];
    let all_zero = [
        call(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"x\":1}"}})),
        call(json!({"index": 0, "id": "b", "function": {"name": "g", "arguments": "{}"}})),
    ];
    for chunks in [&openai[..], &from_one, &no_index, &all_zero] {
        let read = chat(&chunks.iter().map(String::as_str).chain([STOP]).collect::<Vec<_>>());
        let calls: Vec<_> = read
            .transcript
            .tool_calls
            .iter()
            .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
            .collect();
        assert_eq!(calls, [("a", "f", "{\"x\":1}"), ("b", "g", "{}")], "{chunks:?}");
        assert!(read.verdict.tools.as_str().contains('f') && read.verdict.tools.as_str().contains("{}"));
    }
}

#[test]
fn ids_and_names_are_told_once() {
    let call = delta(&json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "x"}}]}));
    let read = chat(&[&call, &call]);
    let named = |event: &&RunEvent| matches!(event, RunEvent::Delta(Delta::ToolCall(call)) if call.name.is_some());
    assert_eq!(read.events.iter().filter(named).count(), 1);
    assert_eq!(read.transcript.tool_calls[0].arguments, "xx");
}

#[test]
fn the_legacy_function_call_and_refusals_are_read() {
    let read = chat(&[
        &delta(&json!({"function_call": {"name": "f", "arguments": ""}, "content": null})),
        &delta(&json!({"function_call": {"arguments": "{}"}})),
        &delta(&json!({"refusal": "I can"})),
        &delta(&json!({"refusal": "not"})),
        STOP,
    ]);
    assert_eq!(read.transcript.tool_calls.len(), 1);
    assert_eq!(read.transcript.tool_calls[0].arguments, "{}");
    assert_eq!(read.verdict.answer.as_str(), "I cannot");
}

#[test]
fn other_choices_are_left_out_with_one_note() {
    let other = r#"{"choices":[{"index":1,"delta":{"content":"other"},"finish_reason":"length"}]}"#;
    let read = chat(&[&content("first"), other, other, STOP]);
    assert_eq!(read.verdict.answer.as_str(), "first");
    assert_eq!(read.transcript.notes.len(), 1);
    assert_eq!(read.verdict.finish_reason.as_deref(), Some("stop"));
}

#[test]
fn errors_in_a_stream_fail_the_run_and_keep_the_text() {
    for (event, error, kind) in [
        ("message", r#"{"error":{"message":"boom","type":"server_error"}}"#, ErrorKind::Server),
        ("message", r#"{"error":"boom"}"#, ErrorKind::Server),
        ("message", r#"{"object":"error","message":"boom","code":400}"#, ErrorKind::InvalidRequest),
        (
            "message",
            r#"{"error":{"code":429,"message":"boom"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
            ErrorKind::RateLimit,
        ),
        ("message", r#"{"choices":[{"index":0,"delta":{},"error":{"code":502,"message":"boom"}}]}"#, ErrorKind::Server),
        ("message", r#"{"choices":[],"x_groq":{"error":"boom"}}"#, ErrorKind::Server),
        ("message", r#"{"type":"error","error":{"type":"overloaded_error","message":"boom"}}"#, ErrorKind::Server),
        ("error", r#"{"code":500,"message":"boom"}"#, ErrorKind::Server),
        ("error", "boom", ErrorKind::Server),
        ("error", "\"boom\"", ErrorKind::Server),
    ] {
        let first = content("some");
        let read = frames(CHAT, &[("message", &first), (event, error), ("message", "[DONE]")]);
        assert_eq!(read.kind(), Some(kind), "{error}");
        assert!(read.verdict.failure.unwrap().message.ends_with("boom"), "{error}");
        assert_eq!(read.verdict.answer.as_str(), "some");
    }
    let fine = chat(&[r#"{"error":null,"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#]);
    assert_eq!(fine.kind(), None);
}

#[test]
fn a_finish_reason_can_be_a_failure() {
    for reason in ["error", "insufficient_system_resource"] {
        let read = chat(&[&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string()]);
        assert_eq!(read.kind(), Some(ErrorKind::Server), "{reason}");
    }
    let read = chat(&[r#"{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"#]);
    assert_eq!(read.kind(), None);
}

#[test]
fn the_end_of_a_stream_decides() {
    assert_eq!(chat(&[&content("x"), STOP]).kind(), None);
    assert_eq!(chat(&[&content("x"), "[DONE]"]).kind(), None);
    let cut = chat(&[&content("x")]);
    assert_eq!((cut.kind(), cut.verdict.answer.as_str()), (Some(ErrorKind::StreamCut), "x"));
    assert_eq!(chat(&[]).kind(), Some(ErrorKind::StreamCut));
    assert_eq!(chat(&["", "null", "{}"]).kind(), Some(ErrorKind::StreamCut));
}

#[test]
fn an_unreadable_event_among_good_ones_is_noted_once() {
    let read = chat(&[&content("a"), "{broken\u{1b}[31m", "17", &content("b"), STOP, "[DONE]"]);
    assert_eq!((read.verdict.answer.as_str(), read.kind(), read.verdict.unreadable), ("ab", None, 2));
    assert_eq!(read.transcript.notes, ["2 events could not be read and left out, beginning with: {broken␛[31m"]);
    let nothing = chat(&["<html>", "{", "[DONE]"]);
    assert_eq!(nothing.kind(), Some(ErrorKind::Malformed));
}

#[test]
fn pings_are_nothing() {
    let text = content("a");
    let read = frames(
        CHAT,
        &[
            ("ping", r#"{"type":"ping"}"#),
            ("message", r#"{"type":"keepalive","sequence_number":1}"#),
            ("message", &text),
            ("message", STOP),
        ],
    );
    assert_eq!((read.verdict.answer.as_str(), read.kind()), ("a", None));
    assert!(read.transcript.notes.is_empty());
}

#[test]
fn a_responses_stream_is_read() {
    let read = responses(&[
        json!({"type": "response.created", "response": {"id": "r", "model": "gpt-x", "status": "in_progress", "usage": null}}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "summary": []}}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "why"}),
        json!({"type": "response.reasoning_summary_text.done", "output_index": 0, "text": "why"}),
        json!({"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 1}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 1, "delta": "so"}),
        json!({"type": "response.output_item.added", "output_index": 1, "item": {"type": "message", "content": []}}),
        json!({"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "Hi", "logprobs": []}),
        json!({"type": "response.output_text.done", "output_index": 1, "content_index": 0, "text": "Hi"}),
        json!({"type": "keepalive", "sequence_number": 9}),
        json!({"type": "response.unheard_of", "delta": "no"}),
        json!({"type": "response.completed", "response": {"model": "gpt-x", "status": "completed",
            "output": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "why"}]},
                       {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}],
            "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7, "output_tokens_details": {"reasoning_tokens": 2}}}}),
    ]);
    assert_eq!((read.verdict.answer.as_str(), read.verdict.reasoning.as_str()), ("Hi", "why\n\nso"));
    assert_eq!(read.verdict.usage.reasoning, Some(2));
    assert_eq!(read.verdict.finish_reason.as_deref(), Some("completed"));
    assert_eq!(read.verdict.model.as_deref(), Some("gpt-x"));
    assert_eq!((read.kind(), read.steps.last()), (None, Some(&Step::Done)));
}

#[test]
fn a_responses_stream_is_known_by_its_shape_alone() {
    let read = frames(
        CHAT,
        &[
            ("message", r#"{"type":"response.output_text.delta","delta":"Hi"}"#),
            ("message", r#"{"sequence_number":2,"type":"response.output_text.delta","delta":"!"}"#),
            ("message", r#"{"type":"response.completed","response":{"status":"completed"}}"#),
        ],
    );
    assert_eq!((read.verdict.answer.as_str(), read.kind()), ("Hi!", None));
    let chat_shaped = content("x");
    let read = frames(EndpointKind::Responses, &[("message", &chat_shaped), ("message", STOP)]);
    assert_eq!((read.verdict.answer.as_str(), read.kind()), ("x", None));
}

#[test]
fn responses_calls_are_read_with_and_without_pieces() {
    let item = json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": ""});
    let done = json!({"type": "function_call", "id": "fc_9", "call_id": "call_1", "name": "f", "arguments": "{}"});
    let pieces = [
        json!({"type": "response.output_item.added", "output_index": 0, "item": item}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{"}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "}"}),
        json!({"type": "response.function_call_arguments.done", "output_index": 0, "arguments": "{}"}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": done}),
        json!({"type": "response.completed", "response": {"status": "completed", "output": [done]}}),
    ];
    for kept in [&pieces[..], &pieces[4..], &pieces[5..], &[pieces[0].clone(), pieces[3].clone(), pieces[5].clone()]] {
        let read = responses(kept);
        let calls = &read.transcript.tool_calls;
        assert_eq!(calls.len(), 1, "{kept:?}");
        assert_eq!((calls[0].id.as_str(), calls[0].name.as_str(), calls[0].arguments.as_str()), ("call_1", "f", "{}"));
    }
}

#[test]
fn what_only_the_terminal_event_holds_is_not_lost() {
    let read = responses(&[json!({"type": "response.completed", "response": {"status": "completed", "output": [
        {"type": "message", "content": [{"type": "output_text", "text": "Hi"}, {"type": "refusal", "refusal": "no"}]}]}})]);
    assert_eq!(read.verdict.answer.as_str(), "Hino");
}

#[test]
fn a_failed_response_is_one_error() {
    let error =
        json!({"type": "insufficient_quota", "code": "insufficient_quota", "message": "You exceeded", "param": null});
    let failed = json!({"type": "response.failed", "response": {"status": "failed", "error": {"code": "insufficient_quota", "message": "You exceeded"}, "output": []}});
    for first in [
        json!({"type": "error", "sequence_number": 2, "error": error}),
        json!({"type": "error", "code": "insufficient_quota", "message": "You exceeded", "param": null}),
    ] {
        let read = responses(&[first, failed.clone()]);
        assert_eq!(read.kind(), Some(ErrorKind::Quota));
        assert_eq!(read.steps, [Step::Continue, Step::Done]);
        assert!(read.verdict.failure.unwrap().message.ends_with(": You exceeded"));
    }
    assert_eq!(responses(&[failed]).kind(), Some(ErrorKind::Quota));
    assert_eq!(responses(&[json!({"type": "response.failed"})]).kind(), Some(ErrorKind::Server));
}

#[test]
fn an_incomplete_response_says_why() {
    let incomplete = |reason: &str| {
        responses(&[
            json!({"type": "response.incomplete", "response": {"status": "incomplete", "incomplete_details": {"reason": reason}}}),
        ])
    };
    let short = incomplete("max_output_tokens");
    assert_eq!((short.kind(), short.verdict.finish_reason.as_deref()), (None, Some("max_output_tokens")));
    assert_eq!(incomplete("content_filter").kind(), Some(ErrorKind::ContentFilter));
}

#[test]
fn a_responses_stream_without_its_end_is_cut() {
    let read = responses(&[json!({"type": "response.output_text.delta", "delta": "Hi"})]);
    assert_eq!((read.kind(), read.verdict.answer.as_str()), (Some(ErrorKind::StreamCut), "Hi"));
}
