//! The person's file as one text: for an editor of theirs, and to list everything that is wrong.

use super::file::{self, Existing};
use super::{Config, ConfigError, Paths, check_text, layers};

/// Everything that is wrong with both files; empty when they are good.
pub fn check(paths: &Paths) -> Vec<ConfigError> {
    let one = |path: &std::path::Path| match file::read(path) {
        Ok(text) => check_text(&text.unwrap_or_default(), path).err().unwrap_or_default(),
        Err(error) => vec![error],
    };
    let mut problems = one(&paths.user_file);
    problems.extend(paths.system_file.as_deref().map(one).unwrap_or_default());
    if problems.is_empty() {
        problems.extend(layers::load(paths).err());
    }
    problems
}

/// The person's file as it stands; empty where there is none.
pub fn read_text(paths: &Paths) -> Result<String, ConfigError> {
    Ok(file::read(&paths.user_file)?.unwrap_or_default())
}

/// Replaces the person's file by an edited text, if the text is good and the file is still what was edited.
pub fn replace_text(paths: &Paths, original: &str, edited: &str) -> Result<Config, ConfigError> {
    layers::load_with(paths, edited)?;
    let path = file::real_path(&paths.user_file);
    file::create_dir(file::parent(&path))?;
    let _lock = file::lock(&path)?;
    if file::read(&path)?.unwrap_or_default() != original {
        return Err(ConfigError::new(&path, "was changed by another program while it was edited", "look at it again"));
    }
    let failed = |error| ConfigError::io(&path, "cannot be written", &error);
    file::write(&path, edited, Existing::Replace).map_err(failed)?;
    layers::load(paths)
}
