//! A pasted curl command, read as a connector and a body.
//!
//! Owns which of curl's options mean what, and what cannot be carried over. Nothing is ever run: variables stay
//! references, commands in the text stay text. What was left out is told, never guessed.

use super::connector::{Header, Provider};
use super::draft::Draft;
use super::secret::SecretText;

mod options;
mod shell;

use options::{Meaning, meaning};
use shell::{Part, Word};

/// A paste that is larger is no command.
const LONGEST: usize = 4 << 20;

/// A curl command, as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Curl {
    /// What is called.
    pub url: String,
    /// The key, or a reference to it.
    pub key: Option<SecretText>,
    /// Headers that the request does not set by itself.
    pub headers: Vec<Header>,
    /// The body, as curl would send it.
    pub body: Option<String>,
    /// What was not carried over, each with its reason.
    pub left_out: Vec<String>,
}

/// Why a paste is no curl command that can be taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurlProblem {
    /// A quote has no end.
    #[error("a {0} quote is opened and not closed; was the whole command copied?")]
    Unclosed(&'static str),
    /// An option without what belongs to it.
    #[error("nothing follows {0}; was the whole command copied?")]
    NoValue(String),
    /// No URL.
    #[error("the command names no URL")]
    NoUrl,
    /// Far too long.
    #[error("the command is longer than 4 MiB")]
    TooLong,
}

/// True for a text that begins as a curl command does, behind a prompt too.
pub fn is_meant(text: &str) -> bool {
    let text = text.trim_start();
    let text = ["$ ", "% ", "# ", "> "].iter().find_map(|prompt| text.strip_prefix(prompt)).unwrap_or(text);
    let rest = text.trim_start().strip_prefix("curl").map(|rest| rest.strip_prefix(".exe").unwrap_or(rest));
    rest.is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r', '\\']))
}

/// Reads a command as a shell and curl would.
///
/// # Errors
/// The text is no whole command, or names no URL.
pub fn read(text: &str) -> Result<Curl, CurlProblem> {
    if text.len() > LONGEST {
        return Err(CurlProblem::TooLong);
    }
    let line = shell::words(text).map_err(CurlProblem::Unclosed)?;
    let mut reader = Reader::default();
    let mut words = line.words.into_iter().skip_while(|word| !word.is_curl()).skip(1);
    while let Some(word) = words.next() {
        reader.take(word, &mut words)?;
    }
    if let Some(rest) = line.rest {
        reader.leave(&format!("what follows the command ({rest} …)"));
    }
    reader.finish()
}

/// Whether what begins with a dash is still an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Dashes {
    #[default]
    Options,
    /// `--` was there.
    Over,
}

#[derive(Default)]
struct Reader {
    curl: Curl,
    url: Option<Word>,
    key: Option<Given>,
    data: Vec<String>,
    dashes: Dashes,
}

/// A key, and the header it was found in.
struct Given {
    header: &'static str,
    value: Option<SecretText>,
}

impl Reader {
    fn take(&mut self, word: Word, words: &mut impl Iterator<Item = Word>) -> Result<(), CurlProblem> {
        let text = word.text();
        match (self.dashes, text.strip_prefix("--"), text.strip_prefix('-')) {
            (Dashes::Options, Some(""), _) => self.dashes = Dashes::Over,
            (Dashes::Options, Some(_), _) => {
                let value = |words: &mut _| next(words, &text);
                self.option(&text, value, words)?;
            }
            (Dashes::Options, None, Some(letters)) if !letters.is_empty() => self.letters(&word, words)?,
            _ => self.address(word),
        }
        Ok(())
    }

    fn option<I: Iterator<Item = Word>>(
        &mut self,
        name: &str,
        value: impl FnOnce(&mut I) -> Result<Word, CurlProblem>,
        words: &mut I,
    ) -> Result<(), CurlProblem> {
        match meaning(name) {
            Meaning::Nothing => {}
            Meaning::Told(why) => self.leave(&format!("{name} ({why})")),
            Meaning::Unknown => self.leave(&format!("{name} (not known here)")),
            Meaning::NothingWithValue => drop(value(words)?),
            Meaning::ToldWithValue(why) => {
                drop(value(words)?);
                self.leave(&format!("{name} ({why})"));
            }
            Meaning::Url => {
                let word = value(words)?;
                self.address(word);
            }
            Meaning::Header => {
                let word = value(words)?;
                self.header(&word);
            }
            Meaning::Bearer => {
                let word = value(words)?;
                self.take_key("Authorization", &word);
            }
            Meaning::Data(from) => {
                let word = value(words)?;
                self.data(name, &word, from);
            }
        }
        Ok(())
    }

    /// `-sSN`, `-XPOST`, `-sd '{}'`: letters in one word; the first that takes a value takes the rest.
    fn letters(&mut self, word: &Word, words: &mut impl Iterator<Item = Word>) -> Result<(), CurlProblem> {
        let text = word.text();
        let mut at = 1;
        while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
            at += letter.len_utf8();
            let name = format!("-{letter}");
            if !meaning(&name).takes_value() {
                self.option(&name, |_| Ok(Word::default()), words)?;
                continue;
            }
            let rest = word.after(at);
            let value = |words: &mut _| if rest.is_empty() { next(words, &name) } else { Ok(rest) };
            return self.option(&name, value, words);
        }
        Ok(())
    }

    fn address(&mut self, word: Word) {
        match &self.url {
            None => self.url = Some(word),
            Some(_) => self.leave("a second URL"),
        }
    }

    fn header(&mut self, word: &Word) {
        let text = word.text();
        let Some((name, _)) = text.split_once([':', ';']) else {
            return self.leave("a header without a colon");
        };
        let value = word.after(name.len() + 1).trimmed();
        let name = name.trim().to_owned();
        match name.to_ascii_lowercase().as_str() {
            "authorization" => match value.without_scheme("bearer") {
                Some(key) => self.take_key("Authorization", &key),
                None => self.leave("the Authorization header (not a Bearer key)"),
            },
            "api-key" => self.take_key("api-key", &value),
            "content-type" | "accept" | "accept-encoding" | "host" | "content-length" | "connection" | "user-agent"
            | "expect" => {}
            _ => self.other_header(name, &value),
        }
    }

    fn other_header(&mut self, name: String, value: &Word) {
        let reference = value.only_variable().map(|variable| format!("env:{variable}"));
        let header = Header { value: reference.unwrap_or_else(|| value.text()), name };
        if header.is_plain_secret() || value.has_command() {
            let why = "its value may be a secret: give a reference to it";
            return self.leave(&format!("the header {} ({why})", header.name));
        }
        self.curl.headers.retain(|other| !other.name.eq_ignore_ascii_case(&header.name));
        self.curl.headers.push(header);
    }

    fn take_key(&mut self, header: &'static str, value: &Word) {
        let text = value.text();
        let key = match value.only_variable().or_else(|| variable_in(&text)) {
            Some(variable) => Some(SecretText::new(format!("env:{variable}"))),
            None if value.has_parts() => None,
            None => Some(SecretText::new(text)).filter(|key| !key.expose().is_empty()),
        };
        self.key = Some(Given { header, value: key });
    }

    fn data(&mut self, name: &str, word: &Word, from: options::From) {
        let text = word.text();
        let file = text.strip_prefix('@').filter(|_| from == options::From::TextOrFile);
        if let Some(file) = file {
            return self.leave(&format!("the body in the file {} (paste it into the body)", cut(file)));
        }
        if word.has_parts() {
            self.leave("variables in the body (they stand there as they were written)");
        }
        let joined = if name == "--json" { "" } else { "&" };
        match self.data.last_mut() {
            Some(before) => *before = format!("{before}{joined}{text}"),
            None => self.data.push(text),
        }
    }

    fn leave(&mut self, what: &str) {
        let what = super::text::clean_line(what).into_owned();
        if !self.curl.left_out.contains(&what) {
            self.curl.left_out.push(what);
        }
    }

    fn finish(mut self) -> Result<Curl, CurlProblem> {
        let url = self.url.take().filter(|url| !url.is_empty()).ok_or(CurlProblem::NoUrl)?;
        if url.has_parts() {
            self.leave("variables in the URL (replace them by what they stand for)");
        }
        let url = url.text();
        // curl takes a host without a scheme for http.
        self.curl.url = if url.contains("://") || url.starts_with('$') { url } else { format!("http://{url}") };
        self.curl.body = self.data.pop();
        self.place_key();
        Ok(self.curl)
    }

    /// A key goes into the header that the provider has for it; one in another header stays a header.
    fn place_key(&mut self) {
        let Some(Given { header, value }) = self.key.take() else { return };
        let takes = if self.curl.provider() == Provider::AzureOpenAi { "api-key" } else { "Authorization" };
        match value {
            None => self.leave(&format!("the key in {header} (it is made by the shell)")),
            Some(key) if takes == header => self.curl.key = Some(key),
            Some(key) if header == "api-key" && key.expose().starts_with("env:") => {
                self.curl.headers.push(Header { name: header.to_owned(), value: key.expose().to_owned() });
            }
            Some(_) => self.leave(&format!("the {header} header (this provider takes the key in {takes})")),
        }
    }
}

impl Curl {
    /// Whose URL it is.
    pub fn provider(&self) -> Provider {
        let host = self.host();
        let azure = ["openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com"];
        if host == "api.openai.com" {
            Provider::OpenAi
        } else if azure.iter().any(|end| host.ends_with(end)) || self.url.contains("/openai/deployments/") {
            Provider::AzureOpenAi
        } else {
            Provider::Other
        }
    }

    /// The host of the URL, lower-cased, without its port.
    pub fn host(&self) -> String {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        host.split(':').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// The connector it stands for, named after its host. The id is left to be chosen.
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new(self.provider());
        draft.name = self.host();
        self.url.clone_into(&mut draft.url);
        draft.headers.clone_from(&self.headers);
        if let Some(key) = &self.key {
            draft.auth.api_key = key.clone();
        }
        draft
    }
}

fn next(words: &mut impl Iterator<Item = Word>, name: &str) -> Result<Word, CurlProblem> {
    words.next().ok_or_else(|| CurlProblem::NoValue(name.to_owned()))
}

/// The variable that was meant by a key `$NAME` in single quotes, where a shell would leave it as it stands.
fn variable_in(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some(name)
}

fn cut(text: &str) -> String {
    super::text::cut(text, 60).into_owned()
}

impl Word {
    fn is_curl(&self) -> bool {
        let text = self.text();
        text == "curl" || text == "curl.exe"
    }

    /// The variable, where the word is nothing else.
    fn only_variable(&self) -> Option<&str> {
        if let [Part::Variable(name)] = self.parts.as_slice() { Some(name) } else { None }
    }

    fn has_parts(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Text(_)))
    }

    fn has_command(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Command(_)))
    }
}

#[cfg(test)]
mod tests;
