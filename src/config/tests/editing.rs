use proptest::prelude::*;

use super::super::edit::{put, remove};
use super::*;
use crate::domain::draft::tests::any_connector;
use crate::domain::{Credential, Header, NetworkKey};

const FILE: &str = "\
# my connectors

[pool]   # small machine
max_running = 2

# --- work ---

# the main one
[connectors.a]            # keep first
  name   = \"A\"            # display
  provider = 'openai'
  # behind the proxy
  url = \"http://h/v1\"
  temperature = 0.2       # calm
  headers = { \"x-b\" = \"1\",  x-c = '2' }   # team

# limits of a
[connectors.a.network]
idle_timeout = \"1m\" # long

# --- home ---
# second
[connectors.b]
name = \"B\"
provider = \"other\"
url = \"http://b/v1\"
default_model = \"m\"
[connectors.b.headers]
x-one = \"1\"
# about two
x-two = \"2\"

[keys]
help = \"f1\"
# the end
";

fn read(text: &str) -> Vec<Connector> {
    check_text(text, Path::new("c")).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
}

fn get(text: &str, id: &str) -> Connector {
    read(text).into_iter().find(|connector| connector.id.as_str() == id).unwrap()
}

/// Changes one connector of a text, checks that it is read back as meant, and gives the text.
fn changed(text: &str, id: &str, change: impl FnOnce(&mut Connector)) -> String {
    let before = get(text, id);
    let mut after = before.clone();
    change(&mut after);
    let edited = put(text, Some(&before), &after).unwrap();
    let meant: Vec<_> = read(text).into_iter().map(|c| if c == before { after.clone() } else { c }).collect();
    assert_eq!(read(&edited), meant, "{edited}");
    edited
}

fn set_idle(connector: &mut Connector, seconds: Option<u64>) {
    let text = seconds.map(|seconds| format!("{seconds}s")).unwrap_or_default();
    connector.network.set(NetworkKey::IdleTimeout, &text).unwrap();
}

fn headers(headers: &[(&str, &str)]) -> Vec<Header> {
    headers.iter().map(|(name, value)| Header { name: (*name).to_owned(), value: (*value).to_owned() }).collect()
}

#[test]
fn nothing_changed_is_nothing_written() {
    assert_eq!(changed(FILE, "a", |_| ()), FILE);
    assert_eq!(changed(FILE, "b", |_| ()), FILE);
}

#[test]
fn a_changed_value_keeps_its_line() {
    let edited = changed(FILE, "a", |a| "Alpha".clone_into(&mut a.name));
    assert_eq!(edited, FILE.replace("\"A\"  ", "\"Alpha\"  "));
    let edited = changed(FILE, "a", |a| a.options.temperature = Some(1.0));
    assert_eq!(edited, FILE.replace("0.2  ", "1.0  "));
    let edited = changed(FILE, "a", |a| set_idle(a, Some(5)));
    assert_eq!(edited, FILE.replace("\"1m\"", "\"5s\""));
}

#[test]
fn a_removed_key_takes_its_line_alone() {
    let edited = changed(FILE, "a", |a| a.options.temperature = None);
    assert_eq!(edited, FILE.replace("  temperature = 0.2       # calm\n", ""));
    let edited = changed(FILE, "b", |b| b.headers = headers(&[("x-one", "1")]));
    assert_eq!(edited, FILE.replace("x-two = \"2\"\n", ""));
}

#[test]
fn a_new_key_stands_behind_the_others_and_is_indented_like_them() {
    let edited = changed(FILE, "a", |a| a.options.max_attempts = Some(3));
    assert_eq!(edited, FILE.replace("# team\n", "# team\n  max_attempts = 3\n"));
    let edited = changed(FILE, "b", |b| b.auth.api_key = Some(Credential::Reference("env:K".parse().unwrap())));
    assert_eq!(edited, FILE.replace("\"m\"\n", "\"m\"\napi_key = \"env:K\"\n"));
}

#[test]
fn limits_get_a_table_only_when_there_are_some() {
    let edited = changed(FILE, "b", |b| set_idle(b, Some(5)));
    assert_eq!(
        edited,
        FILE.replace("x-two = \"2\"\n", "x-two = \"2\"\n[connectors.b.network]\nidle_timeout = \"5s\"\n")
    );
    assert_eq!(changed(&edited, "b", |b| set_idle(b, None)), FILE);
    let edited = changed(FILE, "a", |a| set_idle(a, None));
    assert_eq!(edited, FILE.replace("\n# limits of a\n[connectors.a.network]\nidle_timeout = \"1m\" # long\n", ""));
}

#[test]
fn headers_change_one_by_one() {
    let edited = changed(FILE, "a", |a| a.headers = headers(&[("x-b", "9"), ("x-c", "2")]));
    assert_eq!(edited, FILE.replace("\"x-b\" = \"1\"", "\"x-b\" = \"9\""));
    let edited = changed(FILE, "a", |a| a.headers = headers(&[("x-b", "1"), ("x-c", "2"), ("x-d", "3")]));
    assert_eq!(edited, FILE.replace("x-c = '2' }", "x-c = '2',  x-d = \"3\" }"));
    let edited = changed(FILE, "a", |a| a.headers = headers(&[("x-b", "1")]));
    assert_eq!(edited, FILE.replace(",  x-c = '2' }", " }"));
    let edited = changed(FILE, "a", |a| a.headers = headers(&[]));
    assert_eq!(edited, FILE.replace("  headers = { \"x-b\" = \"1\",  x-c = '2' }   # team\n", ""));
    let edited = changed(FILE, "a", |a| a.headers = headers(&[("x-c", "2"), ("x-b", "1")]));
    assert_eq!(edited, FILE.replace("{ \"x-b\" = \"1\",  x-c = '2' }", "{ x-c = \"2\", x-b = \"1\" }"));
    let edited = changed(FILE, "b", |b| b.headers = headers(&[("x-two", "2"), ("x-one", "1")]));
    assert!(edited.contains("[connectors.b.headers]\nx-two = \"2\"\nx-one = \"1\"\n"), "{edited}");
    let edited = changed(FILE, "b", |b| b.headers = headers(&[]));
    assert!(!edited.contains("x-one") && !edited.contains("about two"), "{edited}");
}

#[test]
fn another_id_keeps_the_place_and_the_comments() {
    let edited = changed(FILE, "a", |a| a.id = "z".parse().unwrap());
    assert_eq!(edited, FILE.replace("connectors.a", "connectors.z"));
    let edited = changed(FILE, "b", |b| b.id = "a-b".parse().unwrap());
    assert_eq!(edited, FILE.replace("connectors.b", "connectors.a-b"));
}

#[test]
fn a_removed_connector_takes_its_own_comment() {
    let edited = remove(FILE, &"a".parse().unwrap()).unwrap();
    let start = FILE.find("\n# the main one").unwrap();
    let end = FILE.find("\n# --- home").unwrap();
    assert_eq!(edited, FILE.get(..start).unwrap().to_owned() + FILE.get(end..).unwrap());
    let edited = remove(FILE, &"b".parse().unwrap()).unwrap();
    let (start, end) = (FILE.find("\n# --- home").unwrap(), FILE.find("\n[keys]").unwrap());
    assert_eq!(edited, FILE.get(..start).unwrap().to_owned() + FILE.get(end..).unwrap());
}

#[test]
fn the_head_of_a_file_is_no_comment_of_its_first_connector() {
    let text = "# mine\n".to_owned() + &lab("a") + "\n" + &lab("b");
    assert_eq!(remove(&text, &"a".parse().unwrap()).unwrap(), "# mine\n\n".to_owned() + &lab("b"));
    let text = lab("a") + "\n" + &lab("b");
    assert_eq!(remove(&text, &"a".parse().unwrap()).unwrap(), lab("b"));
    assert_eq!(remove(&lab("a"), &"a".parse().unwrap()).unwrap(), "");
}

#[test]
fn a_new_connector_stands_at_the_end_behind_the_last_comment() {
    let new = get(&(lab("n") + "network.idle_timeout = '5s'\nheaders.x-a = 'b'"), "n");
    let block = "[connectors.n]\nname = \"n\"\nprovider = \"openai\"\nurl = \"http://h/v1\"\n\
                 headers = { x-a = \"b\" }\n[connectors.n.network]\nidle_timeout = \"5s\"\n";
    assert_eq!(put(FILE, None, &new).unwrap(), format!("{FILE}\n{block}"));
    assert_eq!(put("", None, &new).unwrap(), block);
    assert_eq!(put("# only a comment", None, &new).unwrap(), format!("# only a comment\n\n{block}"));
    assert_eq!(put("# c\n\n", None, &new).unwrap(), format!("# c\n\n{block}"));
    assert_eq!(show_toml(&new), block);
}

#[test]
fn dotted_and_inline_connectors_stay_what_they_are() {
    let dotted = "connectors.a.name = 'A'\nconnectors.a.provider = 'openai'\n# u\nconnectors.a.url = 'http://h'\n";
    let idle = "connectors.a.network.idle_timeout = \"5s\"\n";
    assert_eq!(changed(dotted, "a", |a| set_idle(a, Some(5))), format!("{dotted}{idle}"));
    assert_eq!(changed(dotted, "a", |a| a.id = "z".parse().unwrap()), dotted.replace("connectors.a", "connectors.z"));
    let inline = "[connectors]\n# a\na = { name = 'A', provider = 'openai', url = 'http://h' } # c\nb = { name = 'B', provider = 'openai', url = 'http://h' }\n";
    let edited = changed(inline, "a", |a| set_idle(a, Some(5)));
    assert_eq!(edited, inline.replacen("'http://h' }", "'http://h', network = { idle_timeout = \"5s\" } }", 1));
    assert_eq!(changed(&edited, "a", |a| set_idle(a, None)), inline);
    assert_eq!(changed(inline, "a", |a| a.id = "z".parse().unwrap()), inline.replace("\na =", "\nz ="));
    let removed = remove(inline, &"b".parse().unwrap()).unwrap();
    assert_eq!(read(&removed).len(), 1);
    let root = "connectors = { a = { name = 'A', provider = 'openai', url = 'http://h' } }\n";
    let added = put(root, None, &get(&lab("n"), "n")).unwrap();
    assert_eq!(read(&added).len(), 2);
    assert_eq!(remove(&added, &"n".parse().unwrap()).unwrap(), root);
}

#[test]
fn line_ends_and_the_byte_order_mark_stay() {
    let crlf = FILE.replace('\n', "\r\n");
    let edited = changed(&crlf, "a", |a| "Alpha".clone_into(&mut a.name));
    assert_eq!(edited, crlf.replace("\"A\"  ", "\"Alpha\"  "));
    let edited = changed(&crlf, "a", |a| a.notes = Some("one\ntwo".to_owned()));
    assert_eq!(edited, crlf.replace("# team\r\n", "# team\r\n  notes = \"one\\ntwo\"\r\n"));
    let bom = format!("\u{FEFF}{FILE}");
    assert_eq!(changed(&bom, "a", |a| a.options.temperature = Some(0.5)), bom.replace("0.2", "0.5"));
    let mixed = FILE.replace("# team\n", "# team\r\n").replace("# the end\n", "# the end");
    assert_eq!(changed(&mixed, "a", |a| a.options.temperature = Some(0.5)), mixed.replace("0.2", "0.5"));
}

#[test]
fn a_typed_key_is_never_in_the_text() {
    let mut a = get(&lab("a"), "a");
    a.auth.api_key = Some(Credential::Typed(crate::domain::SecretText::new("canary")));
    assert!(!put(FILE, None, &Connector { id: "n".parse().unwrap(), ..a.clone() }).unwrap().contains("canary"));
    assert!(!show_toml(&a).contains("canary"));
}

/// A connector as some person may have written it: comments, blank lines, indents, quotes.
fn any_written(id: &'static str) -> impl Strategy<Value = String> {
    let between = prop_oneof![Just(""), Just("\n"), Just("# note\n"), Just("\n  # far\n\n")];
    let keys = vec![
        format!("[connectors.{id}]"),
        format!("name = '{id}'"),
        "provider = \"openai\"".to_owned(),
        "url='http://h/v1'  ".to_owned(),
        "temperature\t= 0.50".to_owned(),
        "headers = {x-a=\"1\" ,x-b = '2'}".to_owned(),
        "notes = \"\"\"\n# no comment\n\nx = 1\"\"\"".to_owned(),
        format!("[connectors.{id}.network]"),
        "idle_timeout = \"90s\"".to_owned(),
    ];
    let line = move |key: String| {
        (between.clone(), "[ \t]{0,2}", prop_oneof![Just(""), Just(" # c"), Just("#")], Just(key))
            .prop_map(|(between, indent, comment, key)| format!("{between}{indent}{key}{comment}\n"))
    };
    keys.into_iter().map(line).collect::<Vec<_>>().prop_map(|lines| lines.concat())
}

fn any_file() -> impl Strategy<Value = (String, String, String)> {
    let first = any_written("first");
    let last = (any_written("last"), prop_oneof![Just(""), Just("[keys]\ntest.run = 'r' # r\n"), Just("\n# end\n\n")]);
    let last = last.prop_map(|(last, end)| last + end);
    (first, any_written("mid"), last, any::<bool>()).prop_map(|(first, mid, last, crlf)| {
        let ends = |text: String| if crlf { text.replace('\n', "\r\n") } else { text };
        (ends(first), ends(mid), ends(last))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_connector_comes_back_from_the_file(connector in any_connector(), (first, mid, last) in any_file()) {
        let text = first + &mid + &last;
        let mut connector = connector;
        if let Some(Credential::Typed(_)) = connector.auth.api_key {
            connector.auth.api_key = None;
        }
        let edited = put(&text, None, &connector).unwrap();
        prop_assert!(edited.starts_with(&text), "{}", edited);
        prop_assert_eq!(read(&edited).pop(), Some(connector.clone()));
        prop_assert_eq!(read(&show_toml(&connector)).pop(), Some(connector));
    }

    #[test]
    fn changing_one_connector_leaves_the_rest_byte_for_byte(connector in any_connector(), (first, mid, last) in any_file()) {
        let text = format!("{first}{mid}{last}");
        let before = get(&text, "mid");
        let mut after = Connector { id: before.id.clone(), ..connector };
        if let Some(Credential::Typed(_)) = after.auth.api_key {
            after.auth.api_key = None;
        }
        let edited = put(&text, Some(&before), &after).unwrap();
        prop_assert!(edited.starts_with(&first), "{}\n-----\n{}", text, edited);
        prop_assert!(edited.ends_with(&last), "{}\n-----\n{}", text, edited);
        prop_assert_eq!(get(&edited, "mid"), after.clone());
        prop_assert_eq!(put(&edited, Some(&after), &after).unwrap(), edited);
    }

    #[test]
    fn renaming_and_renaming_back_is_nothing((first, mid, last) in any_file()) {
        let text = first + &mid + &last;
        let before = get(&text, "mid");
        let renamed = Connector { id: "other-name".parse().unwrap(), ..before.clone() };
        let there = put(&text, Some(&before), &renamed).unwrap();
        prop_assert_eq!(put(&there, Some(&renamed), &before).unwrap(), text);
    }

    #[test]
    fn removing_one_connector_leaves_the_others((first, mid, last) in any_file()) {
        let text = format!("{first}{mid}{last}");
        let edited = remove(&text, &"mid".parse().unwrap()).unwrap();
        prop_assert!(edited.starts_with(&first) && edited.ends_with(&last), "{}\n-----\n{}", text, edited);
        prop_assert_eq!(read(&edited).len(), 2);
    }
}
