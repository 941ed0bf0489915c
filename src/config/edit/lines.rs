//! Line ends and the byte order mark: taken off before an edit, put back on every line that was there before.

use toml_edit::Value;

/// How a text ends its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    Lf,
    CrLf,
}

impl LineEnd {
    /// That of the first line.
    pub(super) fn of(text: &str) -> Self {
        if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { Self::CrLf } else { Self::Lf }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }

    /// A text as a TOML value. Where lines end in CR LF, a line feed of the text must not become one of the file's.
    pub(super) fn quote(self, text: &str) -> Value {
        let plain = Value::from(text);
        if self == Self::Lf || !text.contains('\n') {
            return plain;
        }
        // JSON escapes are TOML escapes; TOML wants DEL escaped too.
        let quoted = serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f");
        quoted.parse().unwrap_or(plain)
    }
}

const BOM: char = '\u{FEFF}';

/// The text as an editor of TOML wants it: line feeds alone, no byte order mark.
pub(super) fn plain(text: &str) -> String {
    text.strip_prefix(BOM).unwrap_or(text).replace("\r\n", "\n")
}

/// An edited plain text with the line ends and the byte order mark of the original.
pub(super) fn restore(original: &str, edited: &str) -> String {
    let (bom, body) = original.strip_prefix(BOM).map_or(("", original), |body| ("\u{FEFF}", body));
    let old: Vec<Line<'_>> = body.split_inclusive('\n').map(Line::of).collect();
    let new: Vec<Line<'_>> = edited.split_inclusive('\n').map(Line::of).collect();
    let default = LineEnd::of(body).text();
    let mut out = bom.to_owned();
    for (at, (line, end)) in new.iter().zip(ends(&old, &new)).enumerate() {
        let last = at + 1 == new.len();
        out.push_str(line.content);
        out.push_str(match end {
            Some(end) if last || !end.is_empty() => end,
            None if last && line.end.is_empty() => "",
            Some(_) | None => default,
        });
    }
    out
}

/// For each new line the end of the old line that it is; nothing for lines that are new.
fn ends<'t>(old: &[Line<'t>], new: &[Line<'_>]) -> Vec<Option<&'t str>> {
    let same = |(old, new): &(&Line<'_>, &Line<'_>)| old.content == new.content;
    let head = old.iter().zip(new).take_while(same).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(same).count();
    let mut ends: Vec<_> = old.iter().take(head).map(|line| Some(line.end)).collect();
    let mut between = old.get(head..old.len() - tail).unwrap_or_default();
    for line in new.get(head..new.len() - tail).unwrap_or_default() {
        let at = between.iter().position(|old| old.content == line.content);
        ends.push(at.and_then(|at| between.get(at)).map(|old| old.end));
        between = at.and_then(|at| between.get(at + 1..)).unwrap_or(between);
    }
    ends.extend(old.iter().skip(old.len() - tail).map(|line| Some(line.end)));
    ends
}

#[derive(Debug, Clone, Copy)]
struct Line<'t> {
    content: &'t str,
    end: &'t str,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Self {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let content = if line.ends_with("\r\n") { content.strip_suffix('\r').unwrap_or(content) } else { content };
        Self { content, end: line.get(content.len()..).unwrap_or_default() }
    }
}
