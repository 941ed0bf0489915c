use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::{Connector, Draft, Provider};

/// Any table that the rules let through.
pub(crate) fn any_overlay() -> impl Strategy<Value = NetworkOverlay> {
    let limit =
        || (1..=100_000_000u64).prop_map(|millis| crate::domain::units::show_duration(Duration::from_millis(millis)));
    let size = prop_oneof![1..=1_000_000_000_000u64, (1..999u64).prop_map(|n| n << 20)].prop_map(|n| n.to_string());
    let proxy = prop_oneof!["none", "env", "(http|https|socks5|socks5h)://[a-z]{1,9}\\.test(:[1-9][0-9]{1,3})?"];
    let host = "(\\*\\.|\\.)?[a-z]{1,9}\\.test(:[1-9][0-9]{1,3})?|10\\.0\\.[0-9]\\.0/24|\\[fd00::[1-9]\\]:8[0-9]|\\*";
    let hosts = move || {
        proptest::collection::btree_set(host, 1..3).prop_map(|hosts| hosts.into_iter().collect::<Vec<_>>().join("\n"))
    };
    let files = proptest::collection::btree_set("/[a-z]{1,5}( ,[a-z])?\\.pem", 1..3)
        .prop_map(|files| files.into_iter().collect::<Vec<_>>().join("\n") + "\n");
    let texts = (limit(), limit(), size, proxy, "[a-z:@ä]{1,9}", "env:[A-Z]{1,5}", hosts(), files);
    let words = (
        0..3usize,
        0..2usize,
        0..2usize,
        0..3usize,
        "x-[a-z]{1,5}: [!-9;-~]{1,9}",
        "[a-z]{1,5}:[1-9][0-9]{0,3} = 10\\.0\\.0\\.[1-9]",
    );
    (texts, words, any::<u32>()).prop_map(|(texts, words, chosen)| {
        let (connect, idle, size, proxy, user, secret, hosts, files) = texts;
        let (mode, ca_mode, tls, http, headers, pin) = words;
        let word = |key: NetworkKey, at: usize| (key, key.words()[at].to_owned());
        let all = [
            (NetworkKey::ConnectTimeout, connect),
            (NetworkKey::IdleTimeout, idle),
            (NetworkKey::MaxResponseSize, size),
            (NetworkKey::Proxy, proxy),
            (NetworkKey::ProxyUser, user),
            (NetworkKey::ProxyPassword, secret),
            (NetworkKey::ProxyBypassHosts, hosts),
            (NetworkKey::CaFiles, files),
            word(NetworkKey::VerificationMode, mode),
            word(NetworkKey::CaMode, ca_mode),
            word(NetworkKey::MinTls, tls),
            word(NetworkKey::HttpVersion, http),
            (NetworkKey::ProxyHeaders, headers),
            (NetworkKey::Resolve, pin),
            (NetworkKey::CaPem, PEM.to_owned()),
            (NetworkKey::ClientCert, "/c d.pem".to_owned()),
        ];
        let mut overlay = NetworkOverlay::default();
        for (at, (key, text)) in all.into_iter().enumerate() {
            if chosen & (1 << at) != 0 {
                overlay.set(key, &text).unwrap_or_else(|problem| panic!("{key:?} {text:?}: {problem}"));
            }
        }
        overlay
    })
}

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----";

fn overlay(entries: &[(NetworkKey, &str)]) -> NetworkOverlay {
    let mut overlay = NetworkOverlay::default();
    for (key, text) in entries {
        overlay.set(*key, text).unwrap_or_else(|problem| panic!("{key:?} {text:?}: {problem}"));
    }
    overlay
}

fn table(name: &str, entries: &[(NetworkKey, &str)]) -> NetworkTable {
    let places = entries.iter().map(|(key, _)| (*key, name.to_owned())).collect();
    NetworkTable { values: overlay(entries), places }
}

fn connector(url: &str, entries: &[(NetworkKey, &str)]) -> Connector {
    let mut draft = Draft::new(Provider::OpenAi);
    "c".clone_into(&mut draft.id);
    "C".clone_into(&mut draft.name);
    url.clone_into(&mut draft.url);
    let connector = draft.check(|_| false).unwrap().connector;
    Connector { network: overlay(entries), ..connector }
}

fn env(variables: &[(&str, &str)]) -> NetworkEnv {
    NetworkEnv::read(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

fn with_env(variables: &[(&str, &str)]) -> NetworkLayers {
    NetworkLayers { env: env(variables), ..NetworkLayers::default() }
}

/// Which way a URL takes.
fn way(layers: &NetworkLayers, url: &str, own: &[(NetworkKey, &str)]) -> String {
    let policy = layers.policy(&connector(url, own));
    assert_eq!(policy.problems, []);
    policy.route.to_string()
}

fn said(key: NetworkKey, text: &str) -> String {
    NetworkValue::parse(key, text).expect_err(text)
}

#[test]
fn keys_and_fields_are_one_list() {
    let fields: Vec<_> = crate::domain::Field::ALL
        .into_iter()
        .filter_map(|field| if let crate::domain::Field::Network(key) = field { Some(key) } else { None })
        .collect();
    let shared: Vec<_> = NetworkKey::ALL.into_iter().filter(|key| key.is_shared()).collect();
    assert_eq!(fields, shared);
    for key in NetworkKey::ALL {
        assert_eq!(NetworkKey::of(key.word()), Some(key));
    }
}

#[test]
fn each_key_comes_from_the_highest_table_that_says_something() {
    use NetworkKey::{ConnectTimeout, FirstByteTimeout, IdleTimeout, TotalTimeout, VerificationMode as Mode};
    let host = |url: &str, entries| HostTable { url: Url::parse(url).unwrap(), table: table("c:20", entries) };
    let mut layers = NetworkLayers {
        general: vec![
            table("/etc/c:1", &[(ConnectTimeout, "1s"), (IdleTimeout, "1s"), (TotalTimeout, "1s")]),
            table("c:12", &[(IdleTimeout, "2s"), (TotalTimeout, "2s")]),
        ],
        hosts: vec![
            host("https://h", &[(TotalTimeout, "3s"), (Mode, "none")]),
            host("https://h:8443", &[(TotalTimeout, "9s")]),
            host("http://h", &[(TotalTimeout, "9s")]),
        ],
        ..NetworkLayers::default()
    };
    layers.connectors.insert("c".to_owned(), [(Mode, "c:31".to_owned())].into());
    let policy = layers.policy(&connector("https://h:443/v1", &[(Mode, "certificate")]));
    let row = |key| policy.effective(key).map(|row| (row.value.clone().unwrap_or_default(), row.from.to_string()));
    for (key, value, from) in [
        (FirstByteTimeout, "2m", "default"),
        (ConnectTimeout, "1s", "[network], /etc/c:1"),
        (IdleTimeout, "2s", "[network], c:12"),
        (TotalTimeout, "3s", "[[network.hosts]] https://h:443, c:20"),
        (Mode, "certificate", "[connectors.c.network], c:31"),
    ] {
        assert_eq!(row(key), Some((value.to_owned(), from.to_owned())), "{key:?}");
    }
    assert_eq!(
        (policy.limits.total_timeout, policy.trust.mode),
        (Duration::from_secs(3), VerificationMode::Certificate)
    );
    assert_eq!(policy.effective.len(), NetworkKey::ALL.len());
    let draft = layers.policy(&connector("https://h/v1", &[(ConnectTimeout, "7s")]));
    let from = draft.effective(ConnectTimeout).map(|row| row.from.to_string());
    assert_eq!(from.as_deref(), Some("[connectors.c.network], not saved"));
}

fn app() -> crate::domain::EntraApp {
    crate::domain::EntraApp {
        tenant: "t".to_owned(),
        client_id: "c".to_owned(),
        client_secret: crate::domain::Credential::Reference("env:S".parse().unwrap()),
        scope: None,
        authority: None,
    }
}

#[test]
fn a_token_is_asked_for_by_the_policy_of_its_own_host() {
    let mut connector = connector("https://acme.openai.azure.com/openai/v1", &[(NetworkKey::Proxy, "none")]);
    assert_eq!(NetworkLayers::default().policy(&connector).token, None);
    connector.auth.entra = Some(crate::domain::Entra::App(app()));
    let route = |layers: &NetworkLayers| {
        let policy = layers.policy(&connector);
        (policy.route.to_string(), policy.token.expect("a token's policy").route.to_string())
    };
    let mut layers = with_env(&[("HTTPS_PROXY", "http://up:1")]);
    assert_eq!(route(&layers), ("directly".to_owned(), "directly".to_owned()), "the connector's table holds for both");
    let login = Url::parse("https://login.microsoftonline.com").unwrap();
    layers.hosts.push(HostTable { url: login, table: table("c:9", &[(NetworkKey::Proxy, "http://p:3128")]) });
    assert_eq!(route(&layers), ("directly".to_owned(), "through http://p:3128".to_owned()));
    assert_eq!(
        layers.policy(&connector).without_proxy().token.expect("a token's policy").route.to_string(),
        "directly"
    );
    assert_eq!(layers.weak_mode(&connector), None);
    layers.hosts[0].table = table("c:9", &[(NetworkKey::VerificationMode, "none")]);
    assert_eq!(layers.weak_mode(&connector), Some(VerificationMode::None), "the client's secret is sent there");
    // Where the endpoint itself hands out tokens, it is called by one policy.
    connector.url = "https://login.microsoftonline.com/openai/v1".to_owned();
    assert_eq!(layers.policy(&connector).token, None);
}

#[test]
fn a_token_is_asked_for_without_the_certificate_that_is_for_the_endpoint() {
    let mut connector = connector("https://h/v1", &[(NetworkKey::ClientCert, "/c.pem")]);
    connector.auth.entra = Some(crate::domain::Entra::App(app()));
    let mut layers = NetworkLayers::default();
    let identity = |layers: &NetworkLayers| layers.policy(&connector).token.expect("a token's policy").identity;
    assert_eq!(identity(&layers), None);
    let login = Url::parse("https://login.microsoftonline.com").unwrap();
    layers.hosts.push(HostTable { url: login, table: table("c:9", &[(NetworkKey::ClientPkcs12, "/own.p12")]) });
    assert!(matches!(identity(&layers), Some(Identity::Pkcs12 { file, .. }) if file == "/own.p12"));
}

#[test]
fn the_environment_decides_where_nothing_or_env_is_said() {
    let layers = with_env(&[
        ("HTTPS_PROXY", "http://up:1"),
        ("https_proxy", "http://low:2"),
        ("http_proxy", "plain:3"),
        ("ALL_PROXY", "socks5://all"),
    ]);
    for (url, own, expected) in [
        ("https://h/v1", &[][..], "through http://up:1"),
        ("http://h/v1", &[], "through http://plain:3"),
        ("https://h/v1", &[(NetworkKey::Proxy, "env")], "through http://up:1"),
        ("https://h/v1", &[(NetworkKey::Proxy, "none")], "directly"),
        ("https://h/v1", &[(NetworkKey::Proxy, "socks5h://own:9")], "through socks5h://own:9"),
        ("https://h/v1", &[(NetworkKey::ProxyBypassHosts, "h")], "directly (proxy_bypass_hosts: h)"),
    ] {
        assert_eq!(way(&layers, url, own), expected, "{url} {own:?}");
    }
    let hidden = with_env(&[("HTTPS_PROXY", ""), ("https_proxy", "http://low:2")]);
    assert_eq!(way(&hidden, "https://h/v1", &[]), "directly");
    let all = with_env(&[("all_proxy", "socks5://all")]);
    assert_eq!(way(&all, "http://h/v1", &[]), "through socks5://all:1080");
    let cgi = with_env(&[("HTTP_PROXY", "http://evil"), ("REQUEST_METHOD", "GET")]);
    assert_eq!(way(&cgi, "http://h/v1", &[]), "directly");
    let row = layers.policy(&connector("https://h/v1", &[])).effective(NetworkKey::Proxy).cloned().unwrap();
    assert_eq!((row.value.as_deref(), row.from), (Some("http://up:1"), ValueSource::Variable("HTTPS_PROXY")));
}

#[test]
fn no_proxy_is_read_as_people_mean_it() {
    for (list, url, direct) in [
        ("h", "https://h/v1", true),
        ("corp.test", "https://corp.test/v1", true),
        ("corp.test", "https://a.b.corp.test/v1", true),
        ("corp.test", "https://notcorp.test/v1", false),
        (".corp.test", "https://corp.test/v1", true),
        ("*.corp.test", "https://a.corp.test/v1", true),
        ("*.corp.test", "https://corp.test/v1", false),
        ("a:8443 b", "https://a:8443/v1", true),
        ("a:8443,b", "https://a/v1", false),
        ("x, b", "https://b/v1", true),
        ("*", "https://10.0.0.1/v1", true),
        ("10.0.0.0/8", "https://10.1.2.3/v1", true),
        ("10.0.0.0/8", "https://11.1.2.3/v1", false),
        ("fd00::/8", "https://[fd12::1]/v1", true),
        ("::1", "https://[::1]:8/v1", true),
        ("CORP.test", "https://x.corp.TEST/v1", true),
        ("http://junk/,,b", "https://b/v1", true),
        ("", "https://b/v1", false),
    ] {
        let layers = with_env(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", list)]);
        assert_eq!(way(&layers, url, &[]).starts_with("directly"), direct, "{list} {url}");
        // A proxy that a table names has lists of its own.
        let named = [(NetworkKey::Proxy, "http://p:1")];
        assert_eq!(way(&layers, url, &named), "through http://p:1", "{list} {url}");
    }
}

#[test]
fn lists_of_a_table_say_for_whom_its_proxy_is() {
    let proxy = (NetworkKey::Proxy, "http://p:1");
    let layers = NetworkLayers::default();
    for (key, list, url, expected) in [
        (NetworkKey::ProxyBypassHosts, "*.corp", "https://a.corp/v1", "directly (proxy_bypass_hosts: *.corp)"),
        (NetworkKey::ProxyBypassHosts, "h", "https://a.h/v1", "through http://p:1"),
        (NetworkKey::ProxyOnlyHosts, "h:443", "https://h/v1", "through http://p:1"),
        (NetworkKey::ProxyOnlyHosts, "h:443", "https://h:8443/v1", "directly (proxy_only_hosts does not list it)"),
    ] {
        assert_eq!(way(&layers, url, &[proxy, (key, list)]), expected, "{list} {url}");
    }
}

#[test]
fn a_broken_variable_is_told_and_nothing_is_sent_past_it() {
    let layers = with_env(&[("HTTPS_PROXY", "http://user:geheim-canary@p:99999")]);
    let policy = layers.policy(&connector("https://h/v1", &[]));
    let failure = policy.sound().unwrap_err();
    assert_eq!(failure.message, "the variable HTTPS_PROXY names no proxy: not a URL: invalid port number");
    assert_eq!(failure.hint, "correct HTTPS_PROXY, or set proxy = \"none\"");
    assert!(!format!("{policy:?} {layers:?}").contains("canary"));
    assert_eq!(layers.policy(&connector("https://h/v1", &[(NetworkKey::Proxy, "none")])).sound(), Ok(()));
}

#[test]
fn the_login_of_a_variable_is_decoded_and_never_shown() {
    let layers = with_env(&[("HTTPS_PROXY", "http://us%40er:se%3Acr+%26t-canary@p:1")]);
    let policy = layers.policy(&connector("https://h/v1", &[(NetworkKey::ProxyUser, "other")]));
    let proxy = policy.route.proxy.clone().unwrap();
    assert_eq!(proxy.user.as_deref(), Some("us@er"));
    let typed = crate::domain::SecretText::new("se:cr+&t-canary");
    assert_eq!(proxy.password, Some(crate::domain::Credential::Typed(typed)));
    assert!(!format!("{policy:?}").contains("canary"));
    let row = policy.effective(NetworkKey::ProxyPassword).unwrap();
    assert_eq!((row.value.as_deref(), row.from.to_string().as_str()), (Some("••••"), "HTTPS_PROXY"));
}

#[test]
fn what_cannot_be_a_proxy_says_the_fix() {
    for (text, message) in [
        ("p:3128", "a proxy's URL needs a scheme; write for example http://p:3128, or \"none\" or \"env\""),
        (
            "u:geheim@p:3128",
            "a proxy's URL needs a scheme; write for example http://proxy.example:3128, or \"none\" or \"env\"",
        ),
        ("ftp://p", "\"ftp://\" is no kind of proxy; use http, https, socks5 or socks5h"),
        (
            "http://u:geheim@p",
            "user and password do not belong into the proxy's URL; put them into proxy_user and proxy_password",
        ),
        ("http://p:1/path", "a proxy's URL ends behind host and port; remove what follows"),
        ("http://", "not a URL: empty host"),
    ] {
        let problem = said(NetworkKey::Proxy, text);
        assert_eq!(problem, message);
        assert!(!problem.contains("geheim"));
    }
    for (text, shown) in [
        ("http://p", "http://p:80"),
        ("https://p:80", "https://p:80"),
        ("SOCKS5H://[::1]", "socks5h://[::1]:1080"),
        ("https://p/", "https://p:443"),
    ] {
        assert_eq!(NetworkValue::parse(NetworkKey::Proxy, text).map(|value| value.text()), Ok(shown.to_owned()));
    }
}

#[test]
fn what_cannot_be_a_value_says_the_fix() {
    for (key, text, message) in [
        (NetworkKey::VerificationMode, "chain", "\"chain\" cannot be chosen; use full, certificate, none"),
        (NetworkKey::MinTls, "1.1", "\"1.1\" cannot be chosen; use 1.2, 1.3"),
        (
            NetworkKey::ProxyPassword,
            "geheim",
            "not a secret reference; write vault:NAME, env:NAME, file:PATH, cmd:COMMAND or keyring:NAME",
        ),
        (
            NetworkKey::AllowedHosts,
            "https://h/",
            "\"https://h/\" is more than a host; write the host alone, with or without :port",
        ),
        (NetworkKey::AllowedHosts, "h:0", "\"h:0\" has no port behind its colon; use 1 to 65535"),
        (
            NetworkKey::AllowedHosts,
            "10.0.0.0/33",
            "\"10.0.0.0/33\" is no network; write for example 10.0.0.0/8 or fd00::/8",
        ),
        (NetworkKey::AllowedHosts, "a b", "\"a b\" is no host; write a name, *.suffix, an address, a network or *"),
        (NetworkKey::AllowedHosts, "a.*.b", "\"a.*.b\" is no host; write a name, *.suffix, an address, a network or *"),
        (NetworkKey::AllowedHosts, "a, A", "\"A\" is there twice; keep one"),
        (NetworkKey::Resolve, "h = 10.0.0.1", "\"h = 10.0.0.1\" is no pin; write \"host:port\" = \"address\""),
        (NetworkKey::Resolve, "h:1 = other", "\"other\" is no address; write for example 10.0.0.7 or fd00::7"),
        (NetworkKey::CaPem, "MIIB", "no certificate is in it; it must begin with -----BEGIN CERTIFICATE-----"),
        (
            NetworkKey::CaPem,
            "-----BEGIN PRIVATE KEY-----\nx",
            "this holds a private key; put it into a file and name that in client_key",
        ),
        (
            NetworkKey::ProxyHeaders,
            "Proxy-Authorization: x",
            "header \"Proxy-Authorization\" is set by the request itself; use proxy_user and proxy_password",
        ),
    ] {
        assert_eq!(said(key, text), message, "{text}");
    }
}

#[test]
fn inline_pem_may_be_indented_or_escaped() {
    for text in [
        "  -----BEGIN CERTIFICATE-----\n    MAAA\r\n  -----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\\nMAAA\\n-----END CERTIFICATE-----",
    ] {
        let value = NetworkValue::parse(NetworkKey::CaPem, text).unwrap();
        assert_eq!(value.text(), PEM);
        assert_eq!(value.shown(), "inline, 1 certificates");
    }
}

#[test]
fn keys_that_exclude_each_other_are_told_within_a_table_and_weighed_between_tables() {
    let pair = [(NetworkKey::ClientCert, "/c.pem"), (NetworkKey::ClientPkcs12, "/c.p12")];
    let found = overlay(&pair).contradictions();
    assert_eq!(found.iter().map(|found| found.key).collect::<Vec<_>>(), [NetworkKey::ClientPkcs12]);
    let hosts = overlay(&[(NetworkKey::ProxyBypassHosts, "a, b"), (NetworkKey::ProxyOnlyHosts, "B")]);
    assert_eq!(hosts.contradictions()[0].message, "\"b\" stands in proxy_only_hosts too; keep it in one of them");
    let layers = NetworkLayers { general: vec![table("c:1", &[pair[1]])], ..NetworkLayers::default() };
    let policy = layers.policy(&connector("https://h/v1", &[pair[0]]));
    let pem = Identity::Pem { cert: "/c.pem".to_owned(), key: "/c.pem".to_owned(), passphrase: None };
    assert_eq!((policy.identity, policy.problems), (Some(pem), vec![]));
}

#[test]
fn what_cannot_hold_together_names_its_place() {
    for (key, text, message) in [
        (NetworkKey::ClientKey, "/k", "client_key ([network], c:1): a key without its certificate"),
        (NetworkKey::ProxyPassword, "env:P", "proxy_password ([network], c:1): a password without a user"),
        (
            NetworkKey::CaMode,
            "replace",
            "ca_mode ([network], c:1): nothing takes the place of the system's authorities",
        ),
    ] {
        let layers = NetworkLayers { general: vec![table("c:1", &[(key, text)])], ..NetworkLayers::default() };
        let failure = layers.policy(&connector("https://h/v1", &[])).sound().unwrap_err();
        assert_eq!((failure.kind, failure.message.as_str()), (ErrorKind::Config, message));
    }
}

#[test]
fn only_allowed_hosts_may_be_called() {
    let layers = NetworkLayers {
        general: vec![table("c:3", &[(NetworkKey::AllowedHosts, "*.corp:443, 10.0.0.0/8")])],
        ..NetworkLayers::default()
    };
    let allows = |url: &str| layers.policy(&connector(url, &[])).allows(&Url::parse(url).unwrap());
    assert_eq!(allows("https://a.corp/v1"), Ok(()));
    assert_eq!(allows("http://10.9.9.9:81/v1"), Ok(()));
    let failure = allows("http://a.corp/v1").unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Policy);
    assert_eq!(failure.message, "a.corp:80 is not among the allowed hosts ([network], c:3)");
    assert_eq!(
        NetworkLayers::default().policy(&connector("https://h/v1", &[])).allows(&Url::parse("https://h").unwrap()),
        Ok(())
    );
}

#[test]
fn paths_below_the_home_directory_are_expanded_and_the_system_store_may_be_named() {
    let layers = with_env(&[("HOME", "/home/x"), ("SSL_CERT_FILE", "/s.pem"), ("SSL_CERT_DIR", "")]);
    let own = [(NetworkKey::CaFiles, "~/a.pem, ~b.pem"), (NetworkKey::ClientCert, "~/c.pem")];
    let policy = layers.policy(&connector("https://h/v1", &own));
    assert_eq!(policy.trust.ca_files, ["/home/x/a.pem", "~b.pem"]);
    assert_eq!(policy.trust.system, SystemStore { file: Some("/s.pem".to_owned()), dir: None });
    assert!(matches!(policy.identity, Some(Identity::Pem { cert, .. }) if cert == "/home/x/c.pem"));
}

proptest! {
    #[test]
    fn a_value_is_the_same_after_it_was_text(overlay in any_overlay()) {
        let mut again = NetworkOverlay::default();
        for (key, value) in overlay.iter() {
            prop_assert_eq!(again.set(key, &value.text()), Ok(()));
        }
        prop_assert_eq!(again, overlay);
    }

    #[test]
    fn no_text_makes_a_rule_panic(text in "\\PC{0,40}", at in 0..NetworkKey::ALL.len()) {
        let mut overlay = NetworkOverlay::default();
        overlay.set(NetworkKey::ALL[at], &text).ok();
        let layers = NetworkLayers { env: env(&[("HTTPS_PROXY", &text), ("NO_PROXY", &text)]), ..NetworkLayers::default() };
        let connector = Connector { network: overlay, ..connector("https://h/v1", &[]) };
        prop_assert_eq!(layers.policy(&connector).effective.len(), NetworkKey::ALL.len());
    }
}
