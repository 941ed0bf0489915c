//! Prices and budgets: what a run costs, which row says so, lists that others keep, and what is refused.

use serde_json::Value;

use crate::support::{Home, Sandbox};

const LITE_LLM: &str = r#"{
    "sample_spec": {"input_cost_per_token": "prose in a number"},
    "sandbox-model": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}
}"#;

#[test]
fn a_run_costs_what_its_row_says_and_an_unknown_model_is_unknown() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("lab", "sandbox-model"));
    let result = home.run(&["test", "lab", "--json"]).ok().json();
    assert_eq!(result["cost_usd"], Value::Null, "{result}");
    assert!(home.run(&["prices", "show", "sandbox-model"]).ok().out.contains("unknown"));

    let list = home.path().join("list.json");
    std::fs::write(&list, LITE_LLM).expect("written");
    let imported = home.run(&["prices", "import", &list.display().to_string()]).ok();
    assert!(imported.out.contains("1 prices of LiteLLM"), "{}", imported.out);
    assert!(imported.err.contains("sample_spec: input_cost_per_token is no number"), "{}", imported.err);
    let result = home.run(&["test", "lab", "--json"]).ok().json();
    let tokens = |name: &str| result["usage"][name].as_f64().expect("a count");
    let cost = (tokens("prompt_tokens") + 2.0 * tokens("completion_tokens")) / 1e6;
    assert!((result["cost_usd"].as_f64().expect("a cost") - cost).abs() < 1e-9, "{result}");

    home.write(&format!(
        "[prices.\"sandbox-model\"]\ninput = 0\noutput = 0\n\n{}",
        sandbox.connector("lab", "sandbox-model")
    ));
    assert_eq!(home.run(&["test", "lab", "--json"]).ok().json()["cost_usd"], 0.0, "a price of 0 is a price");
    let own = "[connectors.lab.prices]\n\"*\" = { input = 3, output = 4, above = [{ prompt = 1, input = 1000000, output = 4 }] }\n";
    home.write(&(sandbox.connector("lab", "sandbox-model") + own));
    let shown = home.run(&["prices", "show", "sandbox-model", "--connector", "lab", "--json"]).ok().json();
    assert_eq!((&shown["row"], &shown["from"]), (&"*".into(), &"[connectors.lab.prices]".into()));
    assert!(home.run(&["test", "lab", "--json"]).ok().json()["cost_usd"].as_f64() > Some(1.0), "the long tier holds");

    let total = &home.run(&["usage", "--json"]).ok().json()["total"];
    assert_eq!((&total["runs"], &total["unpriced_runs"]), (&4.into(), &1.into()));
    let told = home.run(&["usage"]).ok().out;
    assert!(told.lines().last().is_some_and(|line| line.contains('$') && line.ends_with("+ 1 unknown")), "{told}");
    let bases: Vec<Value> = home
        .run(&["events", "--jsonl"])
        .ok()
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["cost_basis"].clone())
        .collect();
    assert_eq!((&bases[0], &bases[3]), (&"config".into(), &Value::Null));
    assert!(bases[2].as_str().is_some_and(|date| date.starts_with("20")), "{bases:?}");
}

#[test]
fn a_list_that_cannot_be_read_leaves_the_one_before() {
    let home = Home::with("");
    let list = home.path().join("list.json");
    let import = |text: &str| {
        std::fs::write(&list, text).expect("written");
        home.run(&["prices", "import", &list.display().to_string()])
    };
    import(LITE_LLM).ok();
    for (text, says) in [
        ("{", "no JSON"),
        ("{}", "its format is none of"),
        (r#"{"a":{"input_cost_per_token":"x"}}"#, "no row of it has a price"),
    ] {
        let ran = import(text);
        assert_eq!((ran.code, ran.err.contains(says)), (Some(2), true), "{}", ran.err);
    }
    assert!(home.run(&["prices", "show", "sandbox-model"]).ok().out.contains("imported list of LiteLLM"));
    std::fs::write(home.path().join("state/prices.json"), "{").expect("written");
    let shown = home.run(&["prices", "show", "gpt-4.1"]).ok();
    assert!(
        shown.out.contains("built-in list") && shown.err.contains("import one again"),
        "{}{}",
        shown.out,
        shown.err
    );
}

#[test]
fn prices_of_the_file_are_read_strictly() {
    for (text, says) in [
        ("[prices.a]\ninput = 1\n", "input and output are needed"),
        ("[prices.a]\ninput = -1\noutput = 1\n", "2:9: prices.\"a\".input: -1 is no price"),
        ("[prices.a]\ninput = 1\noutputs = 1\n", "did you mean"),
        ("[prices.a]\ninput = 1\noutput = 2\nabove = [{ input = 1, output = 2 }]\n", "prompt is needed"),
        ("[prices.a]\ninput = \"free\"\noutput = 2\n", "a number"),
    ] {
        let ran = Home::with(text).run(&["config", "check"]);
        assert_eq!(
            (ran.code, (ran.out.clone() + &ran.err).contains(says)),
            (Some(2), true),
            "{text}: {}{}",
            ran.out,
            ran.err
        );
    }
}

#[test]
fn a_spent_budget_refuses_a_run_with_exit_code_7() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    let budget = |action: &str| {
        format!("[budgets.lab]\nconnector = \"lab\"\nper = \"day\"\ntokens = 1\naction = \"{action}\"\n\n")
    };
    home.write(
        &(budget("block") + &sandbox.connector("lab", "sandbox-model") + &sandbox.connector("other", "sandbox-model")),
    );
    home.run(&["test", "lab"]).ok();
    let refused = home.run(&["test", "lab", "--json"]);
    assert_eq!(refused.code, Some(7), "{}", refused.err);
    let error = &refused.json()["error"];
    assert_eq!(error["kind"], "budget");
    assert!(error["message"].as_str().is_some_and(|told| told.contains("of 1 tokens this day")), "{error}");
    home.run(&["test", "other"]).ok();
    home.run(&["test", "lab", "--over-budget"]).ok();
    home.write(&(budget("warn") + &sandbox.connector("lab", "sandbox-model")));
    home.run(&["test", "lab"]).ok();
    assert_eq!(home.run(&["usage", "--json"]).ok().json()["total"]["runs"], 4, "a refused run is no run");
}

#[test]
fn budgets_of_the_file_are_read_strictly() {
    for (text, says) in [
        ("[budgets.a]\ntokens = 1\n", "per is needed"),
        ("[budgets.a]\nper = \"year\"\ntokens = 1\n", "use day, week or month"),
        ("[budgets.a]\nper = \"day\"\n", "tokens or usd is needed"),
        ("[budgets.a]\nper = \"day\"\ntokens = 1\nusd = 1\n", "one of them"),
        ("[budgets.a]\nper = \"day\"\nusd = -1\n", "above 0"),
        ("[budgets.a]\nper = \"day\"\nusd = 1\naction = \"stop\"\n", "use warn or block"),
        ("[budgets.a]\nper = \"day\"\nusd = 1\nconnector = \"a\"\nmodel = \"b\"\n", "exclude each other"),
        ("[budgets.a]\nper = \"day\"\nusd = 1\nactoin = \"warn\"\n", "did you mean"),
    ] {
        let ran = Home::with(text).run(&["config", "check"]);
        assert_eq!(
            (ran.code, (ran.out.clone() + &ran.err).contains(says)),
            (Some(2), true),
            "{text}: {}{}",
            ran.out,
            ran.err
        );
    }
}
