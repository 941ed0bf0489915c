//! The network policy through the whole program: resolved in the open, and obeyed.

use crate::support::Home;

const FILE: &str = "\
[network]
proxy = \"http://proxy.corp:3128\"
proxy_user = \"svc\"
proxy_password = \"env:PROXY_PASSWORD\"
proxy_bypass_hosts = [\"*.lab\"]
[[network.hosts]]
url = \"https://gw.corp\"
verification_mode = \"certificate\"
[connectors.gw]
name = \"Gateway\"
provider = \"other\"
url = \"https://gw.corp/v1\"
default_model = \"m\"
[connectors.gw.network]
connect_timeout = \"3s\"
[connectors.vllm]
name = \"vLLM\"
provider = \"other\"
url = \"http://vllm.lab:8000/v1\"
default_model = \"m\"
";

#[test]
fn show_explains_every_value_of_the_network() {
    let home = Home::with(FILE).set("PROXY_PASSWORD", "proxy-canary").set("HTTPS_PROXY", "http://env:1");
    let shown = home.run(&["show", "gw", "--network", "--json"]).ok();
    assert!(!shown.out.contains("canary"));
    let json = shown.json();
    assert_eq!(json["connector"], "gw");
    assert_eq!(json["route"], "through http://proxy.corp:3128");
    let values = json["values"].as_array().unwrap();
    assert_eq!(values.len(), 24);
    for (key, value, from) in [
        ("proxy", "http://proxy.corp:3128", "[network], config.toml:2"),
        ("proxy_password", "env:PROXY_PASSWORD", "[network], config.toml:4"),
        ("verification_mode", "certificate", "[[network.hosts]] https://gw.corp:443, config.toml:8"),
        ("connect_timeout", "3s", "[connectors.gw.network], config.toml:15"),
        ("min_tls", "1.2", "default"),
    ] {
        let expected = serde_json::json!({ "key": key, "value": value, "from": from });
        assert!(values.contains(&expected), "{expected} {values:?}");
    }
    assert!(values.contains(&serde_json::json!({ "key": "client_cert", "value": null, "from": "default" })));
    let text = home.run(&["show", "vllm", "--network"]).ok().out;
    assert!(text.ends_with("reached directly (proxy_bypass_hosts: *.lab)\n"), "{text}");
}

#[test]
fn the_environment_is_told_by_its_variable() {
    let file = FILE.replace("proxy = \"http://proxy.corp:3128\"\n", "");
    let home = Home::with(&file).set("HTTPS_PROXY", "http://u:login-canary@env:1");
    let shown = home.run(&["show", "gw", "--network"]).ok().out;
    let row = shown.lines().find(|line| line.starts_with("proxy ")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["proxy", "http://env:1", "HTTPS_PROXY"]);
    assert!(!shown.contains("canary"), "{shown}");
    let broken = Home::with(&file).set("HTTPS_PROXY", "http://h:99999").run(&["show", "gw", "--network"]).ok();
    assert!(broken.err.contains("the variable HTTPS_PROXY names no proxy"), "{}", broken.err);
}

#[test]
fn keys_are_set_and_cleared_by_name() {
    let home = Home::with(FILE);
    home.run(&["edit", "vllm", "--set", "network.ca_files=/a.pem,/b.pem", "--set", "network.proxy=none"]).ok();
    assert!(
        home.text().ends_with("[connectors.vllm.network]\nproxy = \"none\"\nca_files = [\"/a.pem\", \"/b.pem\"]\n")
    );
    home.run(&["edit", "vllm", "--set", "network.ca_files=", "--set", "network.proxy="]).ok();
    assert_eq!(home.text(), FILE);
    let refused = home.run(&["edit", "vllm", "--set", "network.proxy=proxy.corp:3128"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.contains("network.proxy: a proxy's URL needs a scheme; write for example http://proxy.corp:3128")
    );
}
