//! Commands as vendors print them, as shells quote them, and as an enemy would write them.

use proptest::prelude::*;

use super::*;

fn curl(text: &str) -> Curl {
    read(text).unwrap()
}

fn key(curl: &Curl) -> &str {
    curl.key.as_ref().map_or("", SecretText::expose)
}

#[test]
fn the_command_of_a_vendor_page_is_taken_whole() {
    let read = curl(
        "curl https://api.openai.com/v1/chat/completions \\\n  -H \"Content-Type: application/json\" \\\n  -H \"Authorization: Bearer $OPENAI_API_KEY\" \\\n  -d '{\n    \"model\": \"gpt-4.1\",\n    \"messages\": [{\"role\": \"user\", \"content\": \"It'\\''s me\"}]\n  }'\n",
    );
    assert_eq!(read.url, "https://api.openai.com/v1/chat/completions");
    assert_eq!((read.provider(), key(&read)), (Provider::OpenAi, "env:OPENAI_API_KEY"));
    let body =
        "{\n    \"model\": \"gpt-4.1\",\n    \"messages\": [{\"role\": \"user\", \"content\": \"It's me\"}]\n  }";
    assert_eq!(read.body.as_deref(), Some(body));
    assert_eq!((read.headers.len(), read.left_out), (0, Vec::<String>::new()));
}

#[test]
fn azure_takes_its_key_in_its_own_header() {
    let url = "https://acme.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21";
    let read = curl(&format!("curl -X POST \"{url}\" -H 'api-key: ${{AZURE_KEY}}' --data-raw '{{}}'"));
    assert_eq!((read.provider(), read.url.as_str()), (Provider::AzureOpenAi, url));
    assert_eq!(key(&read), "env:AZURE_KEY", "though a shell fills nothing in between single quotes");
    assert_eq!(key(&curl(&format!("curl {url} -H \"api-key: ${{AZURE_KEY:-none}}\""))), "env:AZURE_KEY");
    let bearer = curl(&format!("curl '{url}' -H 'Authorization: Bearer abc'"));
    assert_eq!((bearer.key, bearer.left_out.len()), (None, 1));
}

#[test]
fn letters_may_stand_together_and_hold_their_value() {
    let read = curl("$ curl -sSNXPOST -kd'{\"a\":1}' --url host.test/v1 -xhttp://p:1 -H'x-team: search'");
    assert_eq!((read.url.as_str(), read.body.as_deref()), ("http://host.test/v1", Some("{\"a\":1}")));
    assert_eq!(read.headers, [Header { name: "x-team".to_owned(), value: "search".to_owned() }]);
    assert_eq!(read.left_out, ["-k (certificates are checked here)", "-x (set the proxy in the connector)"]);
    assert_eq!(read.provider(), Provider::Other);
}

#[test]
fn what_cannot_be_carried_over_is_told() {
    let read = curl(
        "curl http://h/v1 -u me:secret -H 'x-api-key: s3cr3t' -H \"x-gw-key: $GW\" -d @body.json --frobnicate | jq .",
    );
    let told = read.left_out.join("\n");
    for part in ["-u (", "x-api-key (its value may be a secret", "file body.json", "--frobnicate", "(| …)"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(!format!("{read:?}").contains("s3cr3t") && !told.contains("me:secret"), "{read:?}");
    assert_eq!(read.headers, [Header { name: "x-gw-key".to_owned(), value: "env:GW".to_owned() }]);
    assert_eq!(read.body, None);
}

#[test]
fn a_key_that_a_shell_would_make_is_not_made() {
    for header in ["Bearer $(cat /etc/passwd)", "Bearer `id`", "Bearer x$Y"] {
        let read = curl(&format!("curl http://h/v1 -H \"Authorization: {header}\""));
        assert_eq!(read.key, None, "{header}");
        assert_eq!(read.left_out, ["the key in Authorization (it is made by the shell)"]);
    }
}

#[test]
fn quotes_of_every_kind_are_read() {
    let body = |text: &str| curl(&format!("curl h -d {text}")).body.unwrap();
    assert_eq!(body("'a'\"b\"c\\ d"), "abc d");
    assert_eq!(body(r"$'a\n\t\'\x41\u00e9\101\q'"), "a\n\t'AéA\\q");
    assert_eq!(body("\"a\\\"b\\\\c\\d$\""), "a\"b\\c\\d$");
    assert_eq!(body("a -d b"), "a&b");
    assert_eq!(curl("curl h --json '{' --json '}'").body.as_deref(), Some("{}"));
}

#[test]
fn half_a_command_is_told() {
    assert_eq!(read("curl http://h -d '{"), Err(CurlProblem::Unclosed("single")));
    assert_eq!(read("curl http://h -H"), Err(CurlProblem::NoValue("-H".to_owned())));
    assert_eq!(read("curl -s"), Err(CurlProblem::NoUrl));
    assert_eq!(read(&format!("curl {}", "x".repeat(LONGEST))), Err(CurlProblem::TooLong));
}

#[test]
fn only_a_command_is_taken_for_one() {
    for text in ["curl x", " \n$ curl -s x", "curl \\\n x", "curl.exe x"] {
        assert!(is_meant(text), "{text:?}");
    }
    for text in ["curly x", "curl", "{\"curl \": 1}", "see curl x", ""] {
        assert!(!is_meant(text), "{text:?}");
    }
}

#[test]
fn a_draft_has_what_was_read() {
    let draft = curl("curl https://gw.test:8443/v1/chat/completions -H 'Authorization: bearer k-1'").draft();
    assert_eq!((draft.name.as_str(), draft.auth.api_key.expose()), ("gw.test", "k-1"));
    assert_eq!((draft.provider, draft.url.as_str()), (Provider::Other, "https://gw.test:8443/v1/chat/completions"));
}

/// A text as a shell takes it, in one of the ways people quote.
fn quoted(text: &str, how: u8) -> String {
    match how % 3 {
        0 => format!("'{}'", text.replace('\'', "'\\''")),
        1 => {
            let escaped: String = text
                .chars()
                .flat_map(|c| ['\\'].into_iter().filter(move |_| "$`\"\\".contains(c)).chain([c]))
                .collect();
            format!("\"{escaped}\"")
        }
        _ => format!("$'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
    }
}

proptest! {
    #[test]
    fn whatever_is_quoted_comes_back(text in "[^@\u{0}]{1,60}", how in 0..3u8) {
        let read = curl(&format!("curl \\\n http://h/v1 --data-raw {} -s", quoted(&text, how)));
        prop_assert_eq!(read.body.as_deref(), Some(text.as_str()));
    }

    #[test]
    fn no_paste_panics(text in "(curl|-[a-zA-Z]|--[a-z-]{1,9}|[ '\"$`(){}\\\\\n@:;|&<>#=]|[a-z:/.]{1,8}|\\PC){0,60}") {
        drop(read(&text));
        drop(read(&format!("curl {text}")));
        let other = format!("x{text}");
        prop_assert!(!is_meant(&other));
    }

    #[test]
    fn a_key_is_never_told(secret in "[a-zA-Z0-9]{12,30}") {
        let secret = format!("canary{secret}");
        for option in ["-H 'Authorization: Bearer ", "-H 'api-key: ", "-H 'x-token: ", "-u 'a:", "-b '"] {
            let read = curl(&format!("curl http://h/v1 {option}{secret}'"));
            prop_assert!(!format!("{read:?}").contains("canary"), "{option}");
        }
    }
}
