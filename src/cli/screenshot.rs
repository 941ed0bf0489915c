//! `--screenshot FILE`: the screen as it would open, as a picture. Needs no terminal and runs nothing.

use std::path::Path;

use super::Context;
use crate::domain::{ErrorKind, Failure};

pub(super) fn run(context: &mut Context, file: &Path, size: (u16, u16)) -> Result<u8, Failure> {
    let picture = crate::runtime::picture(&context.paths()?, &*context.env, size);
    if file.as_os_str() == "-" {
        return context.io.write(&picture).map(|()| 0);
    }
    std::fs::write(file, picture).map_err(|error| {
        let message = format!("the picture {} cannot be written: {}", file.display(), super::io::reason(&error));
        Failure::new(ErrorKind::Config, message, "name a file in a directory that exists, or - for stdout")
    })?;
    Ok(0)
}
