//! Prices: exact, never negative, and of the row that is meant.

use proptest::prelude::*;

use super::*;

fn usage(prompt: u64, completion: u64) -> Usage {
    Usage { prompt: Some(prompt), completion: Some(completion), ..Usage::default() }
}

fn target(provider: Provider, asked: Option<&str>, answered: Option<&str>) -> RunTarget {
    RunTarget {
        connector: "c".to_owned(),
        provider,
        endpoint: None,
        host: String::new(),
        requested_model: asked.map(str::to_owned),
        model: answered.map(str::to_owned),
    }
}

fn flat(input: f64) -> Price {
    Price::new(Rates {
        input: Rate::per_million(input).unwrap(),
        output: Rate::per_million(8.0).unwrap(),
        ..Rates::default()
    })
}

#[test]
fn parts_of_the_prompt_have_their_own_price() {
    let price = built_in("gpt-5.6").unwrap();
    let usage = Usage { cached: Some(1920), cache_write: Some(64), reasoning: Some(64), ..usage(2048, 120) };
    // 64 * 5 + 1920 * 0.5 + 64 * 6.25 + 120 * 30, in millionths of a dollar.
    assert_eq!(price.cost(&usage), Some(Usd::from_nanos(5_280_000)));
}

#[test]
fn a_long_prompt_changes_the_price_of_the_whole_run() {
    let price = built_in("gpt-5.5").unwrap();
    assert_eq!(price.cost(&usage(272_000, 0)), Some(Usd::from_nanos(1_360_000_000)));
    assert_eq!(price.cost(&usage(272_001, 0)), Some(Usd::from_nanos(2_720_010_000)));
}

#[test]
fn what_is_unknown_has_no_cost() {
    let price = flat(1.0);
    assert_eq!(price.cost(&Usage { prompt: Some(9), ..Usage::default() }), None);
    assert_eq!(PriceBook::default().cost(&target(Provider::Other, Some("mine"), None), &usage(1, 1)), None);
}

#[test]
fn rates_that_cannot_be_are_refused() {
    for wrong in [-1.0, f64::NAN, f64::INFINITY, 2e6] {
        assert_eq!(Rate::per_million(wrong), None, "{wrong}");
    }
    assert_eq!(Rate::per_million(0.075).map(Rate::dollars_per_million), Some(0.075));
}

#[test]
fn the_row_is_the_closest_name_of_the_first_layer() {
    let mut book = PriceBook::default();
    let found = |book: &PriceBook, target: &RunTarget| book.find(target).map(|found| (found.row, found.layer));
    let of = |provider, asked, answered| target(provider, asked, answered);
    let dated = of(Provider::OpenAi, Some("alias"), Some("gpt-4.1-2025-04-14"));
    assert_eq!(found(&book, &dated), Some(("gpt-4.1".to_owned(), Layer::BuiltIn)));
    let vendor = of(Provider::Other, Some("openai/gpt-4o-mini-2024-07-18"), None);
    assert_eq!(found(&book, &vendor), Some(("gpt-4o-mini".to_owned(), Layer::BuiltIn)));
    let azure = of(Provider::AzureOpenAi, Some("gpt-5"), Some("gpt-4o-mini-2024-07-18"));
    assert_eq!(found(&book, &azure), Some(("azure/gpt-4o-mini".to_owned(), Layer::BuiltIn)));
    assert_eq!(found(&book, &of(Provider::AzureOpenAi, Some("gpt-5"), None)), None, "a deployment is no model");
    assert_eq!(found(&book, &of(Provider::Other, Some("qwen3-32b"), None)), None);

    let list = PriceList {
        date: "2026-11-01".to_owned(),
        source: "x".to_owned(),
        rows: Rows::from([("gpt-4.1".to_owned(), flat(3.0))]),
    };
    book.imported = Some(list);
    assert_eq!(found(&book, &dated), Some(("gpt-4.1".to_owned(), Layer::Imported("2026-11-01".to_owned()))));
    book.of_file.insert("alias".to_owned(), flat(4.0));
    assert_eq!(found(&book, &dated), Some(("alias".to_owned(), Layer::File)));
    book.of_connectors.insert("c".to_owned(), Rows::from([(ANY.to_owned(), flat(5.0))]));
    assert_eq!(found(&book, &dated), Some((ANY.to_owned(), Layer::Connector)));
    let cost = book.cost(&dated, &usage(1_000_000, 0)).unwrap();
    assert_eq!((cost.amount.to_string().as_str(), cost.basis), ("$5.00", CostBasis::Config));
}

#[test]
fn what_the_server_states_wins() {
    let stated = Usage { stated_cost: Some(Usd::from_nanos(7)), ..usage(9, 9) };
    let cost = PriceBook::default().cost(&target(Provider::OpenAi, Some("gpt-4.1"), None), &stated).unwrap();
    assert_eq!(cost, Cost { amount: Usd::from_nanos(7), basis: CostBasis::Server });
}

proptest! {
    #[test]
    fn no_usage_makes_a_cost_negative_or_dearer_than_its_dearest_token(
        counts in prop::array::uniform5(0_u64..1 << 40),
        rates in prop::array::uniform5(0_u64..1 << 30),
    ) {
        let [prompt, completion, cached, cache_write, reasoning] = counts;
        let usage = Usage {
            cached: Some(cached),
            cache_write: Some(cache_write),
            reasoning: Some(reasoning),
            ..usage(prompt, completion)
        };
        let [input, output, cached, cache_write, reasoning] = rates.map(Rate);
        let (cached, cache_write, reasoning) = (Some(cached), Some(cache_write), Some(reasoning));
        let cost = Price::new(Rates { input, output, cached, cache_write, reasoning }).cost(&usage);
        let dearest = u128::from(*rates.iter().max().unwrap()) * (u128::from(prompt) + u128::from(completion));
        if let Some(cost) = cost {
            prop_assert!(cost.nanos() >= 0 && u128::from(cost.nanos().unsigned_abs()) <= dearest / 1000 + 1);
        }
    }
}
