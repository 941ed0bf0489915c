use super::*;
use proptest::prelude::*;

/// Event, data, id.
type Event = (String, String, String);

fn read(chunks: &[&[u8]], ending: Ending) -> (Vec<Event>, Decoder) {
    let mut events = Vec::new();
    let mut sink = |frame: Frame<'_>| {
        events.push((frame.event.to_owned(), frame.data.to_owned(), frame.id.to_owned()));
    };
    let mut decoder = Decoder::with_ending(1 << 30, ending);
    for chunk in chunks {
        decoder.feed(chunk, &mut sink).unwrap();
    }
    decoder.finish(&mut sink);
    (events, decoder)
}

/// The same, however it is cut: whole, byte by byte, at every single position, at every pair of near positions.
fn read_every_way(wire: &[u8], ending: Ending) -> Vec<Event> {
    let (whole, decoder) = read(&[wire], ending);
    let state = |decoder: &Decoder| (decoder.last_id().to_owned(), decoder.retry());
    let bytes: Vec<&[u8]> = wire.chunks(1).collect();
    let mut cuts = vec![bytes];
    for at in 0..=wire.len().min(400) {
        let (left, right) = wire.split_at(at);
        cuts.push(vec![left, right]);
        let (first, second) = right.split_at(right.len().min(1));
        cuts.push(vec![left, first, &[], second]);
    }
    for cut in cuts {
        let (events, again) = read(&cut, ending);
        assert_eq!(events, whole, "{:?} cut as {cut:?}", String::from_utf8_lossy(wire));
        assert_eq!(state(&again), state(&decoder));
    }
    whole
}

fn strict(wire: &str) -> Vec<Event> {
    read_every_way(wire.as_bytes(), Ending::Strict)
}

fn data_of(events: &[Event]) -> Vec<&str> {
    events.iter().map(|(_, data, _)| data.as_str()).collect()
}

fn assert_data(wire: &str, expected: &[&str]) {
    assert_eq!(data_of(&strict(wire)), expected, "{wire:?}");
}

#[test]
fn one_byte_order_mark_is_stripped_and_no_second() {
    assert_data("\u{FEFF}data:1\n\n\u{FEFF}data:2\n\ndata:3\n\n", &["1", "3"]);
    assert_data("\u{FEFF}\u{FEFF}data:1\n\ndata:2\n\ndata:3\n\n", &["2", "3"]);
}

#[test]
fn half_a_byte_order_mark_is_text() {
    let events = read_every_way(b"\xEF\xBBdata:1\n\ndata:2\n\n", Ending::Strict);
    assert_eq!(data_of(&events), ["2"]);
    let events = read_every_way(b"\xEF\xBB", Ending::Lenient);
    assert!(events.is_empty());
}

#[test]
fn comments_are_skipped() {
    let x = "x".repeat(2048);
    assert_data(&format!("data:1\r:\0\n:\r\ndata:2\n:{x}\rdata:3\n:data:fail\r:{x}\ndata:4\n\n"), &["1\n2\n3\n4"]);
    assert_data(":\n\n:\n\ndata: a\n\n", &["a"]);
}

#[test]
fn an_event_without_its_blank_line_is_dropped_by_the_standard() {
    let wire = b"retry:1000\ndata:test1\n\nid:test\ndata:test2\n";
    let (events, decoder) = read(&[wire], Ending::Strict);
    assert_eq!(data_of(&events), ["test1"]);
    assert_eq!((decoder.last_id(), decoder.retry()), ("", Some(1000)));
    assert_data(std::str::from_utf8(wire).unwrap(), &["test1"]);
    assert_data("data: x\r", &[]);
}

#[test]
fn empty_data_is_an_event() {
    assert_data("data:\n\ndata\ndata\n\ndata:test\n\n", &["", "\n", "test"]);
    assert_data(
        "data:msg\ndata: msg\n\n:\nfalsefield:msg\n\nfalsefield:msg\nData:data\n\ndata\n\ndata:end\n\n",
        &["msg\nmsg", "", "end"],
    );
}

#[test]
fn types_last_for_one_event() {
    let of = |wire| strict(wire).into_iter().map(|(event, data, _)| (event, data)).collect::<Vec<_>>();
    let pair = |event: &str, data: &str| (event.to_owned(), data.to_owned());
    assert_eq!(of("event:test\ndata:x\n\ndata:x\n\n"), [pair("test", "x"), pair("message", "x")]);
    assert_eq!(of("event: \ndata:data\n\n"), [pair("message", "data")]);
    assert_eq!(of("event: ping\n\ndata: a\n\n"), [pair("message", "a")]);
    assert_eq!(of("event: a\nevent:\ndata: b\n\n"), [pair("message", "b")]);
}

#[test]
fn fields_are_told_apart_exactly() {
    assert_data(
        "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
        &["\0\n 2\n1\n3\n\n4"],
    );
    assert_data(
        "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n",
        &["test\n\ntest"],
    );
    assert_data("data:\ttest\rdata: \ndata:test\n\n", &["\ttest\n\ntest"]);
    assert_data("data:\0\n\n", &["\0"]);
    assert_data("data: a:b\n\n", &["a:b"]);
    assert_data("data:test\n\ndata: test\n\n", &["test", "test"]);
}

#[test]
fn every_line_end_ends_a_line() {
    assert_data("data:test\r\ndata\ndata:test\r\n\r\n", &["test\n\ntest"]);
    assert_data("data: a\r\rdata: b\r\r", &["a", "b"]);
    assert_data("data: {\"c\":\"\u{2028}\u{85}\u{b}\"}\n\n", &["{\"c\":\"\u{2028}\u{85}\u{b}\"}"]);
    let (events, _) = read(&[b"data: a\r", b"\n\r", b"\n"], Ending::Strict);
    assert_eq!(data_of(&events), ["a"]);
}

#[test]
fn retry_takes_digits_alone() {
    for (wire, retry) in [
        ("retry:03000\ndata:x\n\n", Some(3000)),
        ("retry:3000\nretry:1000x\ndata:x\n\n", Some(3000)),
        ("retry\ndata:x\n\n", None),
        ("retry:99999999999999999999999\ndata:x\n\n", None),
    ] {
        assert_data(wire, &["x"]);
        let (_, decoder) = read(&[wire.as_bytes()], Ending::Strict);
        assert_eq!(decoder.retry(), retry, "{wire:?}");
    }
}

#[test]
fn ids_last_until_they_are_set_again() {
    let ids = |wire: &str| strict(wire).into_iter().map(|(_, _, id)| id).collect::<Vec<_>>();
    assert_eq!(ids("id: 1\ndata: 1\n\ndata: 2\n\nid: 2\ndata:3\n\ndata:4\n\n"), ["1", "1", "2", "2"]);
    assert_eq!(ids("id: 1\ndata: 1\n\nid\ndata:2\n\ndata:3\n\n"), ["1", "", ""]);
    assert_eq!(ids("id:9\n\ndata:x\n\nid:\n\ndata:y\n\n"), ["9", ""]);
    for id in ["\0\0", "x\0", "\0x", "x\0x", " \0"] {
        assert_eq!(ids(&format!("id: {id}\ndata: hello\n\n")), [""]);
    }
}

#[test]
fn the_standards_examples_are_read_as_it_says() {
    let events = strict(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n");
    let pairs: Vec<_> = events.iter().map(|(_, data, id)| (data.as_str(), id.as_str())).collect();
    assert_eq!(pairs, [("first event", "1"), ("second event", ""), (" third event", "")]);
    assert_data("data: YHOO\ndata: +2\ndata: 10\n\n", &["YHOO\n+2\n10"]);
    assert_data("data: {\ndata: \"foo\":\ndata: \ndata:\ndata: true}\n\n\n", &["{\n\"foo\":\n\n\ntrue}"]);
    assert_data("data:ok…\n\n", &["ok…"]);
}

#[test]
fn an_error_line_is_an_event_only_for_the_lenient() {
    let wire = "error: {\"code\":500}\n\ndata: a\n\n";
    assert_data(wire, &["a"]);
    let events = read_every_way(wire.as_bytes(), Ending::Lenient);
    assert_eq!(events[0], ("error".to_owned(), "{\"code\":500}".to_owned(), String::new()));
    assert_eq!(events[1].0, "message");
}

#[test]
fn the_lenient_take_what_is_pending_at_the_end() {
    for wire in ["data: [DONE]", "data: [DONE]\n", "data: [DONE]\r", "data: [DONE]\n\n"] {
        let events = read_every_way(wire.as_bytes(), Ending::Lenient);
        assert_eq!(data_of(&events), ["[DONE]"], "{wire:?}");
    }
    assert_data("data: [DONE]", &[]);
}

#[test]
fn characters_may_be_cut_anywhere() {
    assert_data("data: Привет 👩‍💻 日本\ndata: 語\n\n", &["Привет 👩‍💻 日本\n語"]);
}

#[test]
fn invalid_utf8_costs_its_own_bytes_alone() {
    let events = read_every_way(b"data: a\xFFb\xE2\x82\ndata: \x82c\n\nevent: \xC0\ndata: good\n\n", Ending::Strict);
    assert_eq!(data_of(&events), ["a\u{FFFD}b\u{FFFD}\n\u{FFFD}c", "good"]);
    assert_eq!(events[1].0, "\u{FFFD}");
}

#[test]
fn a_line_without_end_is_refused_at_the_limit() {
    let mut decoder = Decoder::new(1 << 20);
    let chunk = vec![b'x'; 64 * 1024];
    let fed = (0..1024).find(|_| decoder.feed(&chunk, &mut |_| {}).is_err());
    assert_eq!(fed, Some(16));
    assert!(decoder.line.capacity() <= 2 << 20);
}

#[test]
fn an_event_of_many_lines_is_refused_at_the_limit() {
    let mut decoder = Decoder::new(4096);
    let result = (0..1000).try_for_each(|_| decoder.feed(b"data: 0123456789\n", &mut |_| {}));
    assert_eq!(result, Err(EventTooLong { limit: 4096 }));
    assert_eq!(result.unwrap_err().to_string(), "an event of the stream is larger than 4096 bytes");
    let mut decoder = Decoder::new(8);
    assert!(decoder.feed(b"data: 0123456789\n\n", &mut |_| {}).is_err());
}

#[test]
fn a_line_of_64_mebibytes_is_one_event_and_its_memory_is_given_back() {
    let mut decoder = Decoder::new(65 << 20);
    let mut sizes = Vec::new();
    let mut sink = |frame: Frame<'_>| sizes.push(frame.data.len());
    decoder.feed(b"data: ", &mut sink).unwrap();
    let chunk = vec![b'x'; 16 * 1024];
    for _ in 0..4096 {
        decoder.feed(&chunk, &mut sink).unwrap();
    }
    decoder.feed(b"\n\ndata: y\n\n", &mut sink).unwrap();
    assert_eq!(sizes, [64 << 20, 1]);
    assert!(decoder.line.capacity() + decoder.spare.capacity() <= 2 * KEPT_CAPACITY);
}

fn reference(wire: &[u8], cut: usize) -> Vec<Event> {
    use eventsource_stream::Eventsource;
    use futures_util::StreamExt;
    let chunks: Vec<Result<Vec<u8>, std::convert::Infallible>> =
        wire.chunks(cut).map(|chunk| Ok(chunk.to_vec())).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut stream = futures_util::stream::iter(chunks).eventsource();
        let mut events = Vec::new();
        while let Some(event) = stream.next().await {
            let event = event.unwrap();
            events.push((event.event, event.data, event.id));
        }
        events
    })
}

/// Streams as servers write them: the reference cannot face others.
fn well_formed() -> impl Strategy<Value = String> {
    let text = "[a-zé日👩{}\": ]{0,12}";
    let end = prop_oneof![Just("\n"), Just("\r\n")];
    let line = prop_oneof![
        4 => text.prop_map(|text| format!("data: {text}")),
        1 => text.prop_map(|text| format!("data:{text}")),
        1 => text.prop_map(|text| format!(": {text}")),
        1 => "[a-z]{1,6}".prop_map(|text| format!("event: {text}")),
        1 => "[a-z0-9]{0,4}".prop_map(|text| format!("id: {text}")),
        2 => Just(String::new()),
    ];
    (end, prop::collection::vec(line, 0..24)).prop_map(|(end, lines)| lines.join(end) + end + end)
}

proptest! {
    #[test]
    fn well_formed_streams_are_read_as_the_reference_reads_them(wire in well_formed(), cut in 1usize..40) {
        let chunks: Vec<&[u8]> = wire.as_bytes().chunks(cut).collect();
        let (events, _) = read(&chunks, Ending::Strict);
        prop_assert_eq!(events, reference(wire.as_bytes(), cut));
    }

    #[test]
    fn any_bytes_are_read_alike_however_they_are_cut(
        wire in prop::collection::vec(prop_oneof![
            Just(b'\n'), Just(b'\r'), Just(b':'), Just(b' '), Just(0xEF), Just(0xBB), Just(0xBF), Just(b'd'), any::<u8>()
        ], 0..80),
        prefix in prop_oneof![Just("data:"), Just("event: x\ndata: "), Just("")],
        cut in 1usize..10,
    ) {
        let wire = [prefix.as_bytes(), &wire].concat();
        let chunks: Vec<&[u8]> = wire.chunks(cut).collect();
        let (whole, _) = read(&[&wire], Ending::Lenient);
        let (cut, _) = read(&chunks, Ending::Lenient);
        prop_assert_eq!(whole, cut);
    }
}
