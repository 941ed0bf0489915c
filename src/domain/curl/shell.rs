//! Words as a shell makes them of a line: quotes, escapes, continued lines. Variables and commands are kept apart,
//! never looked up and never run.

use std::iter::Peekable;
use std::str::Chars;

/// A word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands.
    Text(String),
    /// `$NAME` or `${NAME}`.
    Variable(String),
    /// `$(…)` or backticks, as they were written.
    Command(String),
}

/// A line of a shell, up to its end or to what joins another command to it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) words: Vec<Word>,
    /// The sign that ends the command, where something follows it.
    pub(super) rest: Option<char>,
}

impl Word {
    /// The word with its variables and commands as they were written.
    pub(super) fn text(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) | Part::Command(text) => text.clone(),
            Part::Variable(name) => format!("${name}"),
        };
        self.parts.iter().map(part).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// The word from a byte of its first part's text on; that part is plain up to there.
    pub(super) fn after(&self, at: usize) -> Self {
        let mut left = at;
        let mut parts = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    let skip = left.min(text.len());
                    left -= skip;
                    parts.extend(
                        text.get(skip..).filter(|rest| !rest.is_empty()).map(|rest| Part::Text(rest.to_owned())),
                    );
                }
                Part::Variable(_) | Part::Command(_) => {
                    left = left.saturating_sub(Self { parts: vec![part.clone()] }.text().len());
                    parts.push(part.clone());
                }
            }
        }
        Self { parts }
    }

    /// Without white space at both ends.
    pub(super) fn trimmed(mut self) -> Self {
        if let Some(Part::Text(first)) = self.parts.first_mut() {
            *first = first.trim_start().to_owned();
        }
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            *last = last.trim_end().to_owned();
        }
        self.parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        self
    }

    /// What follows a scheme and its space, for example `Bearer `.
    pub(super) fn without_scheme(&self, scheme: &str) -> Option<Self> {
        let Some(Part::Text(first)) = self.parts.first() else { return None };
        let head = first.get(..scheme.len()).filter(|head| head.eq_ignore_ascii_case(scheme))?;
        let rest = first.get(head.len()..).unwrap_or_default();
        (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| self.after(head.len()).trimmed())
    }

    fn push(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            Some(Part::Variable(_) | Part::Command(_)) | None => self.parts.push(Part::Text(c.to_string())),
        }
    }
}

/// The words of the first command of a text. The error names the quote that has no end.
pub(super) fn words(text: &str) -> Result<Line, &'static str> {
    let mut lexer = Lexer { chars: text.chars().peekable(), line: Line::default(), word: None };
    while let Some(c) = lexer.chars.next() {
        if let Some(end) = lexer.take(c)? {
            let has_more = lexer.chars.any(|c| !c.is_whitespace());
            lexer.line.rest = Some(end).filter(|_| has_more);
            break;
        }
    }
    lexer.end_word();
    Ok(lexer.line)
}

struct Lexer<'t> {
    chars: Peekable<Chars<'t>>,
    line: Line,
    word: Option<Word>,
}

impl Lexer<'_> {
    /// Takes a character outside of quotes; the sign that ends the command is given back.
    fn take(&mut self, c: char) -> Result<Option<char>, &'static str> {
        match c {
            ' ' | '\t' | '\r' => self.end_word(),
            '\n' => {
                self.end_word();
                // Empty lines before the command are nothing.
                return Ok(Some('\n').filter(|_| !self.line.words.is_empty()));
            }
            '\\' => self.escaped(),
            '\'' => self.single()?,
            '"' => self.double()?,
            '`' => self.backticks()?,
            '$' => self.dollar(Within::Nothing)?,
            ';' | '|' | '&' | '<' | '>' => return Ok(Some(c)),
            '#' if self.word.is_none() => while self.chars.next_if(|c| *c != '\n').is_some() {},
            _ => self.open().push(c),
        }
        Ok(None)
    }

    fn open(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    fn end_word(&mut self) {
        self.line.words.extend(self.word.take());
    }

    /// A line that goes on in the next one is one line.
    fn escaped(&mut self) {
        match self.chars.next() {
            Some('\r') if self.chars.next_if_eq(&'\n').is_some() => {}
            Some('\n') | None => {}
            Some(c) => self.open().push(c),
        }
    }

    fn single(&mut self) -> Result<(), &'static str> {
        self.open();
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some(c) => self.open().push(c),
                None => return Err("single"),
            }
        }
    }

    fn double(&mut self) -> Result<(), &'static str> {
        self.open();
        loop {
            match self.chars.next() {
                Some('"') => return Ok(()),
                Some('\\') => self.escaped_in_double(),
                Some('$') => self.dollar(Within::Quotes)?,
                Some('`') => self.backticks()?,
                Some(c) => self.open().push(c),
                None => return Err("double"),
            }
        }
    }

    /// Only these signs lose their meaning behind a backslash; before others it stays.
    fn escaped_in_double(&mut self) {
        match self.chars.next() {
            Some(c @ ('$' | '`' | '"' | '\\')) => self.open().push(c),
            Some('\n') => {}
            Some(c) => {
                self.open().push('\\');
                self.open().push(c);
            }
            None => self.open().push('\\'),
        }
    }

    fn backticks(&mut self) -> Result<(), &'static str> {
        let mut command = "`".to_owned();
        loop {
            let c = self.chars.next().ok_or("backtick")?;
            command.push(c);
            match c {
                '`' => break,
                '\\' => command.extend(self.chars.next()),
                _ => {}
            }
        }
        self.open().parts.push(Part::Command(command));
        Ok(())
    }

    fn dollar(&mut self, within: Within) -> Result<(), &'static str> {
        match (self.chars.peek().copied(), within) {
            (Some('\''), Within::Nothing) => self.ansi(),
            (Some('"'), Within::Nothing) => Ok(()),
            (Some('('), _) => self.command(),
            (Some('{'), _) => self.braces(),
            (Some(c), _) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                self.open().parts.push(Part::Variable(name));
                Ok(())
            }
            _ => {
                self.open().push('$');
                Ok(())
            }
        }
    }

    fn name(&mut self) -> String {
        std::iter::from_fn(|| self.chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_')).collect()
    }

    /// `${NAME}`; what says how it is filled in, as in `${NAME:-x}`, does not count.
    fn braces(&mut self) -> Result<(), &'static str> {
        self.chars.next();
        let name = self.name();
        let rest: String = std::iter::from_fn(|| self.chars.next_if(|c| *c != '}')).collect();
        self.chars.next().ok_or("brace")?;
        let part = if name.is_empty() { Part::Command(format!("${{{rest}}}")) } else { Part::Variable(name) };
        self.open().parts.push(part);
        Ok(())
    }

    fn command(&mut self) -> Result<(), &'static str> {
        let mut command = "$".to_owned();
        let mut depth = 0_usize;
        loop {
            let c = self.chars.next().ok_or("bracket")?;
            command.push(c);
            match c {
                '(' => depth += 1,
                ')' if depth == 1 => break,
                ')' => depth -= 1,
                _ => {}
            }
        }
        self.open().parts.push(Part::Command(command));
        Ok(())
    }

    /// `$'…'`: escapes as in C.
    fn ansi(&mut self) -> Result<(), &'static str> {
        self.chars.next();
        self.open();
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some('\\') => self.ansi_escape(),
                Some(c) => self.open().push(c),
                None => return Err("single"),
            }
        }
    }

    fn ansi_escape(&mut self) {
        let Some(c) = self.chars.next() else { return };
        let coded = match c {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'v' => Some('\u{b}'),
            'e' | 'E' => Some('\u{1b}'),
            '\\' | '\'' | '"' | '?' => Some(c),
            'x' => self.number(16, 2),
            'u' => self.number(16, 4),
            'U' => self.number(16, 8),
            '0'..='7' => self.octal(c),
            _ => None,
        };
        if coded.is_none() {
            self.open().push('\\');
        }
        self.open().push(coded.unwrap_or(c));
    }

    fn octal(&mut self, first: char) -> Option<char> {
        let rest: String = std::iter::from_fn(|| self.chars.next_if(|c| c.is_digit(8))).take(2).collect();
        char::from_u32(u32::from_str_radix(&format!("{first}{rest}"), 8).ok()?)
    }

    fn number(&mut self, radix: u32, most: usize) -> Option<char> {
        let digits: String = std::iter::from_fn(|| self.chars.next_if(|c| c.is_digit(radix))).take(most).collect();
        char::from_u32(u32::from_str_radix(&digits, radix).ok()?)
    }
}

/// Where a dollar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Quotes,
}
