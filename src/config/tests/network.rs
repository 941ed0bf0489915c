//! Network tables: what is read from where, and what is said about what cannot be.

use super::*;
use crate::domain::NetworkKey;

fn said(text: &str) -> Vec<String> {
    let errors = check_text(text, Path::new("c")).unwrap_err();
    errors.into_iter().map(|error| error.to_string().trim_start_matches("c:").to_owned()).collect()
}

#[test]
fn both_files_hosts_and_the_connector_say_where_each_value_stands() {
    let system =
        "[network]\nmin_tls = '1.3'\nidle_timeout = '1s'\n[[network.hosts]]\nurl = 'http://h'\nproxy = 'none'\n";
    let user = "[network]\nidle_timeout = '2s'\n[[network.hosts]]\nurl = 'http://h:80/'\nconnect_timeout = '3s'\n"
        .to_owned()
        + &lab("a")
        + "[connectors.a.network]\nca_files = ['/a.pem', '/b,c.pem']\nresolve = { 'h:80' = '10.0.0.1' }\n";
    let home = Home::new(&user).with_system(system);
    let config = load(&home.paths).unwrap();
    let policy = config.policy(&config.get("a").unwrap().connector);
    let etc = home.paths.system_file.as_ref().unwrap().display();
    for (key, value, from) in [
        (NetworkKey::MinTls, "1.3", format!("[network], {etc}:2")),
        (NetworkKey::IdleTimeout, "2s", "[network], config.toml:2".to_owned()),
        (NetworkKey::Proxy, "none", format!("[[network.hosts]] http://h:80, {etc}:6")),
        (NetworkKey::ConnectTimeout, "3s", "[[network.hosts]] http://h:80, config.toml:5".to_owned()),
        (NetworkKey::CaFiles, "/a.pem, /b,c.pem", "[connectors.a.network], config.toml:11".to_owned()),
        (NetworkKey::Resolve, "h:80 = 10.0.0.1", "[connectors.a.network], config.toml:12".to_owned()),
    ] {
        let row = policy.effective(key).unwrap();
        assert_eq!((row.value.as_deref(), row.from.to_string()), (Some(value), from), "{key:?}");
    }
    assert_eq!(policy.trust.ca_files, ["/a.pem", "/b,c.pem"]);
}

#[test]
fn the_environment_comes_with_the_paths() {
    let mut home = Home::new(&lab("a"));
    home.paths.network =
        crate::domain::policy::NetworkEnv::read(|name| (name == "http_proxy").then(|| "p:3128".to_owned()));
    let config = load(&home.paths).unwrap();
    let policy = config.policy(&config.get("a").unwrap().connector);
    assert_eq!(policy.route.to_string(), "through http://p:3128");
}

#[test]
fn what_cannot_be_in_a_network_table_is_told_where_it_stands() {
    for (text, problem) in [
        (
            "[network]\nproxy = 'p:3128'",
            "2:9: network.proxy: a proxy's URL needs a scheme; write for example http://p:3128, or \"none\" or \"env\"",
        ),
        (
            "[network]\nproxy = 'http://u:geheim@p'",
            "2:9: network.proxy: user and password do not belong into the proxy's URL; put them into proxy_user and proxy_password",
        ),
        (
            "[network]\nproxy_password = 'geheim'",
            "2:18: network.proxy_password: not a secret reference; write env:NAME, file:PATH or cmd:COMMAND",
        ),
        (
            "[network]\nproxy_bypass_hosts = ['a']\nproxy_only_hosts = ['A']",
            "2:22: network.proxy_bypass_hosts: \"a\" stands in proxy_only_hosts too; keep it in one of them",
        ),
        (
            "[network]\nclient_pkcs12 = '/p'\nclient_cert = '/c'",
            "2:17: network.client_pkcs12: client_cert and client_key exclude it; keep the PKCS#12 file or the PEM files",
        ),
        ("[network]\nca_files = []", "2:12: network.ca_files: it is empty; set it, or leave the key out"),
        ("[network]\nca_files = [1]", "2:13: network.ca_files: a text in quotes is needed here, not this whole number"),
        ("[network]\nca_file = '/a'", "2:1: unknown key \"ca_file\"; did you mean \"ca_files\"?"),
        ("[network]\nproxy_headers = { 'a:b' = 'c' }", "2:27: network.proxy_headers: ':' cannot stand in \"a:b\""),
        ("[network]\nproxy_headers = { a = \"c\\nx: y\" }", "2:23: network.proxy_headers: an entry holds a line end"),
        ("[network]\nhosts = 1", "2:9: network.hosts: a list of tables is needed"),
        ("[[network.hosts]]\nproxy = 'none'", "1:1: network.hosts: a url is needed: the host it is for"),
        ("[[network.hosts]]\nurl = 'https://h/v1'", "2:7: network.hosts.url: this is no host"),
        (
            "[[network.hosts]]\nurl = 'https://h'\n[[network.hosts]]\nurl = 'https://H:443/'",
            "4:7: network.hosts: https://h has a table already, in line 2",
        ),
        (
            "[[network.hosts]]\nurl = 'https://h'\nallowed_hosts = ['h']",
            "3:1: network.hosts.allowed_hosts: stands in [network] alone, for it holds for every request",
        ),
    ] {
        assert_eq!(said(text), [problem], "{text}");
    }
    let own = |line: &str| said(&(lab("a") + "network." + line))[0].clone();
    assert_eq!(
        own("proxy = 'p:1'"),
        "5:17: connectors.a.network.proxy: a proxy's URL needs a scheme; write for example http://p:1, or \"none\" or \"env\""
    );
    assert!(own("allowed_hosts = ['h']").contains("connectors.a.network.allowed_hosts: stands in [network] alone"));
    assert!(
        own("proxy_bypass_hosts = ['a']\nnetwork.proxy_only_hosts = ['a']").contains("stands in proxy_only_hosts too")
    );
    assert!(!said("[network]\nproxy_password = 'geheim'").concat().contains("geheim"));
}
