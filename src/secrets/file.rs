//! `file:`: a regular file, or a pipe that something writes the secret into.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::unix::pipe;
use tokio::time;

use super::{Bytes, Problem, SIZE_MAX, too_slow};

pub(super) async fn read(path: &Path, limit: Duration) -> Result<Bytes, Problem> {
    let read = time::timeout(limit, read_any(path)).await;
    read.map_err(|_elapsed| too_slow("nothing came out of it", limit))?
}

async fn read_any(path: &Path) -> Result<Bytes, Problem> {
    let facts = tokio::fs::metadata(path).await.map_err(|error| unreadable(&error))?;
    if facts.is_dir() {
        return Err(Problem::new("it is a directory", "name the file in it"));
    }
    if facts.file_type().is_fifo() {
        return read_pipe(path).await.map_err(|error| unreadable(&error));
    }
    if !facts.is_file() {
        return Err(Problem::new("it is a device or a socket", "name a regular file"));
    }
    let file = tokio::fs::File::open(path).await.map_err(|error| unreadable(&error))?;
    read_all(file).await.map_err(|error| unreadable(&error))
}

/// Opened so that it does not block: a plain open would wait for a writer in a thread that cannot be cancelled.
/// Until the first writer comes, a read gives nothing.
async fn read_pipe(path: &Path) -> io::Result<Bytes> {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut pipe = pipe::OpenOptions::new().open_receiver(path)?;
    loop {
        let bytes = read_all(&mut pipe).await?;
        if !bytes.is_empty() {
            return Ok(bytes);
        }
        time::sleep(PAUSE).await;
    }
}

/// One byte more than a secret may have, so that a larger one is noticed. Its place is taken at once: growing
/// would leave copies behind that are not wiped.
pub(super) async fn read_all(from: impl AsyncRead + Unpin) -> io::Result<Bytes> {
    let mut bytes = Bytes::new(Vec::with_capacity(SIZE_MAX + 64));
    from.take(SIZE_MAX as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

fn unreadable(error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotFound {
        Problem::new("there is no such file", "create it, or correct the path")
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        Problem::new("it may not be read by you", "check the owner and mode of the file and its directories")
    } else {
        Problem::new(format!("it cannot be read: {error}"), "")
    }
}
