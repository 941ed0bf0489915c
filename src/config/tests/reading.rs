use crate::domain::{Credential, Header, Provider, SecretRef};

use super::*;

/// Everything that is said about a text, without the file's name.
fn said(text: &str) -> Vec<String> {
    let errors = check_text(text, Path::new("c")).err().unwrap_or_default();
    errors.into_iter().map(|error| error.to_string().strip_prefix("c:").unwrap().to_owned()).collect()
}

/// What is said about one more line in a good connector; the line is the fifth.
fn said_of(line: &str) -> String {
    let said = said(&(lab("a") + line + "\n"));
    said.into_iter().map(|error| error.strip_prefix("5:").unwrap_or(&error).to_owned()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn every_key_of_a_connector_is_read() {
    let text = "[connectors.a]\nname='A'\nprovider='openai'\nurl='http://h/v1'\ndefault_model='m'\n\
        api_key='env:K'\norganization='o'\nproject='p'\nheaders={x-b='1', x-a='file:/k'}\ncontext_window=1_000\n\
        temperature=1\nnative_tool_calling=false\nnotes=\"\"\"\ntwo\nlines\"\"\"\nmax_attempts=0x2\n\
        network={connect_timeout='1s',first_byte_timeout='2s',idle_timeout='3s',total_timeout='4s',max_response_size=5}";
    let connector = check_text(text, Path::new("c")).unwrap().remove(0);
    assert_eq!((connector.id.as_str(), connector.name.as_str(), connector.provider), ("a", "A", Provider::OpenAi));
    assert_eq!(connector.auth.api_key, Some(Credential::Reference(SecretRef::Env("K".to_owned()))));
    assert_eq!((connector.auth.organization.as_deref(), connector.auth.project.as_deref()), (Some("o"), Some("p")));
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
    assert_eq!(connector.headers, [header("x-b", "1"), header("x-a", "file:/k")]);
    let options = &connector.options;
    assert_eq!((options.context_window, options.temperature), (Some(1000), Some(1.0)));
    assert_eq!((options.native_tool_calling, options.max_attempts), (Some(false), Some(2)));
    assert_eq!(connector.notes.as_deref(), Some("two\nlines"));
    let limits = crate::domain::NetworkLayers::default().policy(&connector).limits;
    assert_eq!((limits.total_timeout, limits.max_response_size), (Duration::from_secs(4), 5));
}

#[test]
fn every_form_of_table_is_the_same() {
    let header = "[connectors.a]\nname='A'\nprovider='openai'\nurl='http://h'\n[connectors.a.network]\nidle_timeout='1s'\n\
                  [connectors.a.headers]\nx='1'";
    let dotted = "connectors.a.name='A'\nconnectors.a.provider='openai'\nconnectors.a.url='http://h'\n\
                  connectors.a.network.idle_timeout='1s'\nconnectors.a.headers.x='1'";
    let inline = "connectors = { a = { name='A', provider='openai', url='http://h', network.idle_timeout='1s', headers={x='1'} } }";
    let read = |text| check_text(text, Path::new("c")).unwrap();
    assert_eq!(read(header), read(dotted));
    assert_eq!(read(header), read(inline));
}

#[test]
fn unknown_keys_are_found_at_every_level() {
    for (text, problem) in [
        ("nework = 1", "1:1: unknown key \"nework\"; did you mean \"network\"?"),
        ("[network]\nidle-timeout = '1s'", "2:1: unknown key \"idle-timeout\"; did you mean \"idle_timeout\"?"),
        ("[pool]\n  max_runing = 1", "2:3: unknown key \"max_runing\"; did you mean \"max_running\"?"),
        ("[screen]\nmouse = true", "1:2: unknown key \"screen\""),
        ("[zebra]", "1:2: unknown key \"zebra\""),
    ] {
        assert_eq!(said(text), [problem]);
    }
    for (line, problem) in [
        ("nmae = 'x'", "1: unknown key \"nmae\"; did you mean \"name\"?"),
        ("id = 'x'", "1: unknown key \"id\""),
        ("api-key = 'x'", "1: unknown key \"api-key\"; did you mean \"api_key\"?"),
        ("network.connect = '1s'", "9: unknown key \"connect\"; did you mean \"connect_timeout\"?"),
        ("\"network.idle_timeout\" = '1s'", "1: unknown key \"network.idle_timeout\"; did you mean \"network\"?"),
        ("network = { idle = '1s' }", "13: unknown key \"idle\"; did you mean \"idle_timeout\"?"),
    ] {
        assert_eq!(said_of(line), problem, "{line}");
    }
}

#[test]
fn the_hint_lists_what_is_known() {
    let errors = check_text("[pool]\nx = 1", Path::new("c")).unwrap_err();
    assert_eq!(errors[0].hint, "[pool] may have: max_running");
}

#[test]
fn wrong_types_name_what_is_needed() {
    for (line, problem) in [
        ("notes = 1", "9: connectors.a.notes: a text in quotes is needed here, not this whole number"),
        ("default_model = ['m']", "17: connectors.a.default_model: a text in quotes is needed here, not a list"),
        ("context_window = '1'", "18: connectors.a.context_window: a whole number is needed here, not a text"),
        (
            "context_window = 1.5",
            "18: connectors.a.context_window: a whole number is needed here, not a number with a fraction",
        ),
        (
            "context_window = 99999999999999999999",
            "18: connectors.a.context_window: a whole number is needed here, not this whole number",
        ),
        ("temperature = true", "15: connectors.a.temperature: a number is needed here, not true or false"),
        (
            "native_tool_calling = 'yes'",
            "23: connectors.a.native_tool_calling: true or false is needed here, not a text",
        ),
        ("headers = 'x: y'", "11: connectors.a.headers: a table is needed here, not a text"),
        ("headers = { x = 1 }", "17: connectors.a.headers.x: a text in quotes is needed here, not this whole number"),
        ("network = 3", "11: connectors.a.network: a table is needed here, not this whole number"),
        (
            "network.idle_timeout = 3",
            "24: connectors.a.network.idle_timeout: a duration in quotes with its unit, for example \"10s\", is needed here, not this whole number",
        ),
        (
            "network.max_response_size = 1.5",
            "29: connectors.a.network.max_response_size: a size such as \"64MiB\" is needed here, not a number with a fraction",
        ),
        ("max_attempts = 1979-05-27", "16: connectors.a.max_attempts: a whole number is needed here, not a date"),
    ] {
        assert_eq!(said_of(line), problem, "{line}");
    }
    assert_eq!(said("connectors = 1"), ["1:14: connectors: a table is needed here, not this whole number"]);
    assert_eq!(said("[[connectors]]")[0], "1:1: connectors: a table is needed here, not a list");
    assert_eq!(said("[connectors]\na = 1"), ["2:5: connectors.a: a table is needed here, not this whole number"]);
}

#[test]
fn the_rules_speak_at_the_place_of_the_key() {
    for (line, problem) in [
        ("temperature = 3", "15: connectors.a.temperature: \"3\" is no temperature; use a number from 0 to 2"),
        (
            "context_window = -5",
            "18: connectors.a.context_window: \"-5\" is no number of tokens; use a whole number from 1 to 1000000000000",
        ),
        ("max_attempts = 99", "16: connectors.a.max_attempts: \"99\" is no number of attempts; use 1 to 10"),
        (
            "network.idle_timeout = '3'",
            "24: connectors.a.network.idle_timeout: \"3\" is no duration; write for example 500ms, 10s, 2m or 1h",
        ),
        ("headers = { ok = '1', 'b d' = '2' }", "23: connectors.a: ' ' cannot stand in the header name \"b d\""),
        ("headers = { X = '1', x = '2' }", "11: connectors.a.headers: header \"X\" is there twice; keep one"),
        ("api_key = 'env:'", "11: connectors.a.api_key: nothing follows \"env:\""),
    ] {
        assert_eq!(said_of(line), problem, "{line}");
    }
    let text = lab("a").replace("openai", "opnai").replace("http://h/v1", "h/v1");
    assert_eq!(
        said(&text),
        [
            "3:12: connectors.a.provider: \"opnai\" is no provider; use openai, azure-openai or other",
            "4:7: connectors.a.url: add http:// or https:// in front",
        ]
    );
}

#[test]
fn missing_keys_are_told_at_the_connector() {
    assert_eq!(
        said("\n[connectors.a]\n"),
        [
            "2:13: connectors.a: a provider is needed: openai, azure-openai or other",
            "2:13: connectors.a.name: a name is needed; it is what the list shows",
            "2:13: connectors.a.url: a URL is needed, for example http://localhost:8080/v1",
        ]
    );
    assert_eq!(
        said("[connectors.Big_One]\nname='x'\nprovider='openai'\nurl='http://h'"),
        ["1:13: connectors.Big_One: \"B\" cannot stand in an id; use lower-case letters, digits and hyphens"]
    );
}

#[test]
fn a_key_in_the_file_is_refused_and_never_repeated() {
    for line in [
        "api_key = 'sk-canary-0123456789'",
        "api_key = 'Bearer sk-canary-0123456789'",
        "api_key = sk-canary-0123456789",
    ] {
        let errors = check_text(&(lab("a") + line), Path::new("c")).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(!format!("{errors:?}").contains("canary"), "{errors:?}");
    }
    let errors = check_text(&(lab("a") + "api_key = 'plain-canary'"), Path::new("c")).unwrap_err();
    assert_eq!(errors[0].message, "connectors.a.api_key: a key itself is not kept in this file; write where it lives");
    for way in ["env:", "file:", "cmd:"] {
        assert!(errors[0].hint.contains(way));
    }
}

#[test]
fn all_problems_are_listed_in_order_and_one_stands_for_them() {
    let text = lab("a") + "temperature = 3\nnotes = 1\n[pool]\nmax_running = 300\n";
    let lines: Vec<_> = check_text(&text, Path::new("c")).unwrap_err().into_iter().map(|error| error.line).collect();
    assert_eq!(lines, [Some(5), Some(6), Some(8)]);
    let error = load(&Home::new(&text).paths).unwrap_err();
    assert_eq!((error.line, error.hint.as_str()), (Some(5), "2 more to mend; `switchboard config check` lists all"));
}

#[test]
fn a_text_where_everything_is_wrong_is_told_at_once() {
    let text = (0..50_000).fold("[connectors]\n".to_owned(), |text, n| text + &format!("k{n} = 1\n"));
    assert_eq!(said(&text).len(), 200);
}

#[test]
fn the_pool_has_a_range() {
    for (number, good) in [(0, false), (1, true), (256, true), (257, false), (-1, false)] {
        assert_eq!(said(&format!("[pool]\nmax_running = {number}")).is_empty(), good, "{number}");
    }
}

#[test]
fn keys_and_theme_take_texts_alone() {
    assert_eq!(
        said("[keys]\nhelp = 3"),
        ["2:8: keys.help: a text in quotes, or a list of them, is needed here, not this whole number"]
    );
    assert_eq!(
        said("[keys]\nhelp = ['a', 3]"),
        ["2:14: keys.help: a text in quotes is needed here, not this whole number"]
    );
    assert_eq!(
        said("[theme]\naccent = true"),
        ["2:10: theme.accent: a text in quotes is needed here, not true or false"]
    );
}

#[test]
fn keys_and_colours_that_do_not_exist_are_told_at_their_place() {
    assert_eq!(
        said("[keys]\ntest.rnu = 'f5'\n'list.test' = 'hyper-x'\n1 = []\n[theme]\nacent = 'red'\nbad = 'mauve'\n"),
        [
            "2:6: keys.test.rnu: \"test.rnu\" is no action; did you mean \"test.run\"?",
            "3:1: keys.list.test: \"hyper-x\" is no key; write for example r, G, ctrl-s, shift-tab, space, f5",
            "4:1: keys.1: \"1\" is no action",
            "6:1: theme.acent: \"acent\" is no key of [theme]; did you mean \"accent\"?",
            "7:1: theme.bad: \"mauve\" is no colour; use #rrggbb, default, gray, black, red, green, yellow, blue, magenta, \
             cyan, white, or one of them with bright- in front",
        ]
    );
}

#[test]
fn broken_toml_is_told_in_words() {
    for (text, problem) in [
        ("a = 1\na = 2", "2:1: \"a\" is there twice"),
        ("[a]\n[a]", "2:2: \"a\" is there twice"),
        ("a = b", "1:5: a text must stand in quotes"),
        ("[a\nb = 1", "1:3: unclosed table, expected `]`"),
        ("a", "1:2: a key without a value"),
        ("a = \"x", "1:7: invalid basic string, expected `\"`"),
        ("a =", "1:4: a value is missing here"),
    ] {
        assert_eq!(said(text)[0], problem, "{text:?}");
    }
}

#[test]
fn columns_count_characters_and_a_byte_order_mark_is_none() {
    assert_eq!(said("\u{FEFF}x = 1"), ["1:1: unknown key \"x\""]);
    assert!(said_of("headers = { x = 'é日', 'ü' = '2' }").starts_with("23: "));
    assert_eq!(said(&lab("a").replace('\n', "\r\n")), Vec::<String>::new());
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let error = said("\"a\\u001b[2J\\nb\" = 1").remove(0);
    assert!(!error.contains(['\u{1b}', '\n']), "{error:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in "(\\[|\\]|=|\\.|\"|'|#|\\{|\\}|,|\n|connectors|network|a| |1|é){0,40}") {
        check_text(&text, Path::new("c")).ok();
    }
}

#[test]
fn telemetry_is_off_until_there_is_an_endpoint_and_its_values_are_judged() {
    let read = |text: &str| read::layer(text, Path::new("c")).map(|layer| layer.telemetry);
    assert_eq!(read("[telemetry]\ntimeout = '1s'").expect("a good table"), None);
    let target = read(
        "[telemetry]\notlp_endpoint = 'https://h/otlp'\nheaders = { authorization = 'env:X' }\ntimeout = '1s'\ntemporality = 'delta'",
    );
    let target = target.expect("a good table").expect("an endpoint");
    assert_eq!(
        (target.url("traces").as_str(), target.service_name.as_str()),
        ("https://h/otlp/v1/traces", "switchboard")
    );
    assert_eq!((target.timeout.as_secs(), target.headers.len()), (1, 1));
    for (text, problem) in [
        ("[telemetry]\nendpoint = 'x'", "2:1: unknown key \"endpoint\"; did you mean \"otlp_endpoint\"?"),
        (
            "[telemetry]\notlp_endpoint = 'h:4317'",
            "2:17: telemetry.otlp_endpoint: OTLP goes over http or https here; write for example http://localhost:4318",
        ),
        (
            "[telemetry]\ntemporality = 'both'",
            "2:15: telemetry.temporality: \"both\" is not known; write cumulative or delta",
        ),
        ("[telemetry]\nheaders = { 'a b' = 'x' }", "2:13: telemetry: ' ' cannot stand in the header name \"a b\""),
        ("[telemetry]\nheaders = { a = 'env:' }", "2:13: telemetry: header \"a\": nothing follows \"env:\""),
    ] {
        assert_eq!(said(text), [problem], "{text}");
    }
}
