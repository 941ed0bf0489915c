//! The files under `src/`, parsed, and which of them only tests compile.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, ItemMod, Meta};

/// A file of the library or the binary.
pub(crate) struct Source {
    /// From the package's root, with `/`.
    pub(crate) name: String,
    /// As it stands on the disk.
    pub(crate) text: String,
    /// `["app", "test"]` for `src/app/test.rs`.
    pub(crate) module: Vec<String>,
    /// Parsed; without items where only tests compile the file.
    pub(crate) items: Vec<Item>,
}

/// A rule that is broken, and where.
#[derive(PartialEq, Eq)]
pub(crate) struct Finding {
    file: String,
    line: usize,
    rule: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.rule)
    }
}

impl Source {
    /// Reads a file's text. Below a module of `test_modules` nothing but the file itself is looked at.
    pub(crate) fn of(name: &str, text: &str, test_modules: &[Vec<String>]) -> Result<Self, String> {
        let file = syn::parse_file(text).map_err(|error| format!("{name}: {error}"))?;
        let module = module_of(name);
        let is_test = test_modules.iter().any(|test| module.starts_with(test));
        let items = if is_test { Vec::new() } else { file.items };
        Ok(Self { name: name.to_owned(), text: text.to_owned(), module, items })
    }

    /// The room it stands in; `lib` or `main` for the two doors.
    pub(crate) fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    pub(crate) fn finding(&self, line: usize, rule: &str) -> Finding {
        Finding { file: self.name.clone(), line, rule: rule.to_owned() }
    }
}

/// Every file under `src/`.
pub(crate) fn read() -> Result<Vec<Source>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files)?;
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| told(&file, &error))?;
        let name = file.strip_prefix(root).map_err(|error| told(&file, &error))?.to_string_lossy().replace('\\', "/");
        texts.push((name, text));
    }
    let mut test_modules = Vec::new();
    for (name, text) in &texts {
        let source = Source::of(name, text, &[])?;
        test_modules.extend(source.items.iter().filter_map(|item| test_module(&source.module, item)));
    }
    texts.iter().map(|(name, text)| Source::of(name, text, &test_modules)).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(directory).map_err(|error| told(directory, &error))? {
        let path = entry.map_err(|error| told(directory, &error))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn told(path: &Path, error: &dyn fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn module_of(name: &str) -> Vec<String> {
    let inner = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if inner == "lib" { Vec::new() } else { inner.split('/').map(str::to_owned).collect() }
}

/// The path of a module that is declared for tests alone.
fn test_module(parent: &[String], item: &Item) -> Option<Vec<String>> {
    let Item::Mod(ItemMod { attrs, ident, content: None, .. }) = item else { return None };
    for_tests(attrs).then(|| [parent, &[ident.to_string()]].concat())
}

/// Whether `#[cfg(test)]` or `#[test]` stands above an item.
pub(crate) fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let words = list.tokens.to_string();
            words == "test" || (words.starts_with("any") && words.contains("test"))
        }
        Meta::Path(_) | Meta::List(_) | Meta::NameValue(_) => attribute.path().is_ident("test"),
    })
}
