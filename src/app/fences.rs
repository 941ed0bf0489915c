//! Where fenced code begins and ends in a text that grows at its end. Each piece is looked at once.

/// The fences of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fences {
    marks: Vec<Mark>,
    /// Where the line begins that is not whole yet.
    line: usize,
    /// How far it was looked for the line's end.
    seen: usize,
    open: Option<Open>,
}

/// A line that opens or closes a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    /// Where its line starts and ends.
    line: (usize, usize),
    /// What follows it.
    then: Place,
}

/// The fence that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    sign: char,
    length: usize,
}

/// What a part of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// Text.
    #[default]
    Prose,
    /// Code between fences.
    Code,
    /// JSON between fences.
    Json,
    /// A line that opens or closes a fence.
    Fence,
}

/// More fences than a person reads are left unmarked: a text of nothing else would cost a multiple of itself.
const MOST: usize = 20_000;
/// A fence's line is short; of a longer one no more is looked at.
const LINE: usize = 256;

impl Fences {
    /// Looks at what came since. The text may only have grown.
    pub fn follow(&mut self, text: &str) {
        while let Some(length) = text.get(self.seen..).and_then(|rest| rest.find('\n')) {
            let end = self.seen + length;
            let shown = text.floor_char_boundary(end.min(self.line + LINE));
            if self.marks.len() < MOST
                && let Some(then) = text.get(self.line..shown).and_then(|line| self.turns(line))
            {
                self.marks.push(Mark { line: (self.line, end), then });
            }
            self.line = end + 1;
            self.seen = self.line;
        }
        self.seen = text.len();
    }

    /// What stands at a byte of the text.
    pub fn at(&self, byte: usize) -> Place {
        let after = self.marks.partition_point(|mark| mark.line.0 <= byte);
        match after.checked_sub(1).and_then(|before| self.marks.get(before)) {
            Some(mark) if byte <= mark.line.1 => Place::Fence,
            Some(mark) => mark.then,
            None => Place::Prose,
        }
    }

    /// Whether a line opens or closes a fence, and what follows then (`CommonMark`, 4.5; an indent does not matter here,
    /// since code in a list is indented).
    fn turns(&mut self, line: &str) -> Option<Place> {
        let line = line.trim();
        let sign = line.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let rest = line.trim_start_matches(sign);
        let length = line.len() - rest.len();
        if length < 3 {
            return None;
        }
        match self.open {
            Some(open) if open.sign == sign && length >= open.length && rest.is_empty() => {
                self.open = None;
                Some(Place::Prose)
            }
            Some(_) => None,
            // `code` in a line of its own may begin with three ticks, too.
            None if sign == '`' && rest.contains('`') => None,
            None => {
                self.open = Some(Open { sign, length });
                let language = rest.trim().split(' ').next().unwrap_or_default();
                let is_json = matches!(language.to_ascii_lowercase().as_str(), "json" | "jsonc" | "json5" | "jsonl");
                Some(if is_json { Place::Json } else { Place::Code })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The place of each line.
    fn places(text: &str) -> Vec<Place> {
        let mut fences = Fences::default();
        fences.follow(text);
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        starts.filter(|start| *start < text.len()).map(|start| fences.at(start)).collect()
    }

    #[test]
    fn code_stands_between_fences() {
        use Place::{Code, Fence, Json, Prose};
        assert_eq!(places("a\n```rust\nlet a;\n```\nb\n"), [Prose, Fence, Code, Fence, Prose]);
        assert_eq!(places("1. x\n   ~~~~ JSON\n{}\n~~~\n```\n~~~~\n"), [Prose, Fence, Json, Json, Json, Fence]);
        assert_eq!(places("```a``` is code\nb\n``\n"), [Prose; 3]);
        assert_eq!(places("```\nnever closed\n"), [Fence, Code]);
        assert_eq!(places("```"), [Prose], "a line that is not whole yet may become anything");
    }

    proptest! {
        #[test]
        fn pieces_say_the_same_as_the_whole(parts in prop::collection::vec("[`~a\n ]{0,6}", 0..20)) {
            let mut grown = (String::new(), Fences::default());
            for part in &parts {
                grown.0.push_str(part);
                grown.1.follow(&grown.0);
            }
            let mut whole = Fences::default();
            whole.follow(&grown.0);
            prop_assert_eq!(grown.1, whole);
        }
    }
}
