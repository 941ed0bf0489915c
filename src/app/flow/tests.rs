use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::*;

fn flow(pieces: &[&str], width: u16) -> Flow {
    let mut flow = Flow::default();
    flow.set_width(width);
    for piece in pieces {
        flow.push(piece);
    }
    flow
}

fn rows(flow: &Flow) -> Vec<String> {
    (0..flow.rows()).map(|at| flow.row(at).into_owned()).collect()
}

#[test]
fn words_are_kept_together_where_they_fit() {
    assert_eq!(rows(&flow(&["once upon a time"], 9)), ["once upon", "a time"]);
    assert_eq!(rows(&flow(&["a verylongword"], 6)), ["a ", "verylo", "ngword"]);
}

#[test]
fn an_indent_is_no_place_to_break() {
    assert_eq!(rows(&flow(&["    abcdefgh"], 8)), ["    abcd", "efgh"]);
}

#[test]
fn line_feeds_end_rows_and_a_last_one_starts_none() {
    assert_eq!(rows(&flow(&["a\n\nb\n"], 8)), ["a", "", "b"]);
}

#[test]
fn wide_characters_are_never_split() {
    assert_eq!(rows(&flow(&["日本語"], 5)), ["日本", "語"]);
    assert_eq!(rows(&flow(&["日本"], 1)), ["日", "本"]);
    assert_eq!(rows(&flow(&["go 日本語"], 7)), ["go 日本", "語"]);
}

#[test]
fn clusters_that_come_in_pieces_are_put_together() {
    let whole = "x 👩\u{200d}💻 e\u{301} 🇩🇪";
    let pieces: Vec<String> = whole.chars().map(String::from).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    for width in 1..9 {
        assert_eq!(rows(&flow(&pieces, width)), rows(&flow(&[whole], width)), "{width}");
    }
}

#[test]
fn a_row_break_is_taken_back_when_its_cluster_shrinks() {
    // A watch is two columns wide, and one with the selector that asks for its text form.
    assert_eq!(rows(&flow(&["abc", "\u{231A}", "\u{FE0E}"], 4)), rows(&flow(&["abc\u{231A}\u{FE0E}"], 4)));
}

#[test]
fn a_piece_of_any_length_is_cleaned_as_a_whole() {
    for unit in ["a\r\n", "ab\r\n", "日\r\n", "\u{1b}[m 👩\u{200d}💻\r"] {
        let text = unit.repeat(3 * CLEANED / unit.len());
        let whole = flow(&[&text], 9);
        assert_eq!(whole.text(), clean(&text).trim_end_matches('\u{240D}'), "{unit:?}");
        assert_eq!(rows(&whole).len(), rows(&flow(&[whole.text()], 9)).len());
    }
}

#[test]
fn hostile_text_is_made_visible_and_line_ends_are_one() {
    assert_eq!(flow(&["a\u{1b}[31m\r", "\nb\r", "c\td"], 40).text(), "a␛[31m\nb␍c\td");
}

#[test]
fn another_width_wraps_everything_again() {
    let mut flow = flow(&["once upon", " a time"], 4);
    flow.set_width(40);
    assert_eq!(rows(&flow), ["once upon a time"]);
    flow.set_width(0);
    assert_eq!(flow.rows(), 0);
}

#[test]
fn a_line_without_end_costs_its_last_rows_alone() {
    let mut flow = flow(&[], 80);
    for _ in 0..40_000 {
        flow.push("word ");
    }
    assert_eq!((flow.rows(), flow.tail.len()), (2_500, 1));
    assert_eq!(flow.row(0).width(), 80);
}

#[test]
fn tabs_show_as_spaces_and_stay_what_they_are_in_the_text() {
    let flow = flow(&["a\tb c\td"], 7);
    assert_eq!(rows(&flow), ["a    b ", "c    d"]);
    assert_eq!(flow.text(), "a\tb c\td");
}

#[test]
fn a_part_of_a_row_is_as_wide_as_it_shows() {
    let flow = flow(&["a\tb c\td 日x"], 20);
    let at = |byte: usize| flow.columns(0..byte);
    assert_eq!([at(0), at(1), at(2), at(3), at(6), at(11)], [0, 1, 5, 6, 12, 16]);
    assert_eq!(flow.columns(0..99), 0, "there is no such part");
}

#[test]
fn every_byte_stands_in_the_row_that_shows_it() {
    let flow = flow(&["one two ", "three\n\nfour five six seven"], 9);
    for row in 0..flow.rows() {
        for byte in flow.bytes(row) {
            assert_eq!(flow.row_of(byte), row, "{byte}");
        }
    }
    assert_eq!(flow.row_of(usize::MAX), flow.rows() - 1);
    assert_eq!((flow.bytes(99), Flow::default().row_of(3)), (0..0, 0));
}

#[test]
fn marks_without_width_do_not_make_an_endless_row() {
    let mut flow = flow(&["a"], 10);
    for _ in 0..10_000 {
        flow.push("\u{301}");
    }
    assert!(flow.tail.len() <= 2);
    assert!((0..flow.rows()).all(|at| flow.row(at).len() <= 64 + 320));
}

fn piece() -> impl Strategy<Value = String> {
    let alphabet = prop::sample::select(vec![
        "a", "bc", " ", "  ", "\n", "\r", "\r\n", "\t", "日", "é", "e\u{301}", "\u{301}", "👩", "\u{200d}", "💻", "🇩",
        "🇪", "\u{FE0F}", "\u{FE0E}", "\u{231A}", "1", "\u{20E3}", "\u{1b}", "\u{202E}", "क", "\u{94D}", "ष", "한",
        "\u{1100}", "\u{1161}", "word",
    ]);
    prop::collection::vec(alphabet, 0..6).prop_map(|parts| parts.concat())
}

/// Much ASCII, so that rows are of it alone, and now and then something that is not.
fn prose() -> impl Strategy<Value = String> {
    let words =
        prop::sample::select(vec!["word", "a", "  ", " ", "\n", "\n\n", "longerword", "\u{301}", "\t", "日", "é", "x"]);
    prop::collection::vec(words, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    /// A mark that joins the last letter keeps a row from the shorter way, so that the two ways are told apart.
    #[test]
    fn rows_of_ascii_are_those_of_any_text(text in prose(), width in 1u16..12) {
        let mut from = 0;
        while let Some(row) = wrap::next_row(&text, from, width) {
            prop_assert_eq!(wrap::any_row(&text, from, width), Some(row));
            from = row.next;
        }
    }

    #[test]
    fn rows_do_not_depend_on_how_the_text_came(pieces in prop::collection::vec(piece(), 0..24), width in 1u16..12) {
        let parts: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let grown = flow(&parts, width);
        let mut late = flow(&parts, 0);
        late.set_width(width);
        let whole = flow(&[&pieces.concat()], width);
        prop_assert_eq!(rows(&grown), rows(&whole));
        prop_assert_eq!(rows(&late), rows(&whole));
        prop_assert_eq!(grown.text(), whole.text());
    }

    #[test]
    fn no_row_is_wider_than_the_width(pieces in prop::collection::vec(piece(), 0..24), width in 1u16..12) {
        for row in rows(&flow(&[&pieces.concat()], width)) {
            let clusters = row.graphemes(true).count();
            let sum: usize = row.graphemes(true).map(UnicodeWidthStr::width).sum();
            prop_assert!(sum <= usize::from(width) || clusters == 1, "{row:?}");
        }
    }

    #[test]
    fn nothing_is_lost_but_line_feeds_and_the_spaces_of_breaks(text in piece(), width in 1u16..6) {
        let flow = flow(&[&text], width);
        let solid = |text: &str| text.replace([' ', '\n', '\t'], "");
        prop_assert_eq!(solid(&rows(&flow).concat()), solid(flow.text()));
    }
}
