//! Encrypting and decrypting, by the age format.

use std::io::{Read, Write};
use std::iter;

use age::{DecryptError, Decryptor, Encryptor, scrypt, x25519};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::Problem;
use crate::domain::SecretText;

/// A decrypted vault; wiped when it is dropped.
pub(super) type Plain = Zeroizing<Vec<u8>>;

/// The work a guess of the passphrase takes: 2^16 rounds and 64 MiB, a quarter of a second. It is spent twice for each
/// change, and the screen's save waits for it.
const WORK: u8 = 16;
/// Files of age's own programs may ask for more; this much is some seconds.
const WORK_MAX: u8 = 20;

/// What a vault is locked with.
pub(super) enum Seal {
    Identity(x25519::Identity),
    Passphrase(SecretText),
}

/// True for the start of a file in age's format.
pub(super) fn is_age(bytes: &[u8]) -> bool {
    Decryptor::new_buffered(bytes).is_ok()
}

/// True where a passphrase opens it.
pub(super) fn wants_passphrase(bytes: &[u8]) -> bool {
    Decryptor::new_buffered(bytes).is_ok_and(|decryptor| decryptor.is_scrypt())
}

pub(super) fn open(seal: &Seal, bytes: &[u8]) -> Result<Plain, Problem> {
    let decryptor = Decryptor::new_buffered(bytes).map_err(|_none| Problem::Damaged)?;
    let opened = match seal {
        Seal::Identity(identity) => decryptor.decrypt(iter::once(identity as &dyn age::Identity)),
        Seal::Passphrase(passphrase) => {
            let mut identity = scrypt::Identity::new(SecretString::from(passphrase.expose()));
            identity.set_max_work_factor(WORK_MAX);
            decryptor.decrypt(iter::once(&identity as &dyn age::Identity))
        }
    };
    let mut reader = opened.map_err(|error| unopened(&error, seal))?;
    // What is inside is shorter than what is around it: it never grows.
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    reader.read_to_end(&mut plain).map_err(|_broken| Problem::Damaged)?;
    Ok(plain)
}

/// The library's words are not told: they are for programmers, and in any language.
fn unopened(error: &DecryptError, seal: &Seal) -> Problem {
    match (error, seal) {
        (DecryptError::NoMatchingKeys, Seal::Identity(_)) => Problem::WrongIdentity,
        (DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed, Seal::Passphrase(_)) => {
            Problem::WrongPassphrase
        }
        _ => Problem::Damaged,
    }
}

pub(super) fn close(seal: &Seal, plain: &Plain) -> Result<Vec<u8>, Problem> {
    let failed = |error: std::io::Error| Problem::NotWritten(error.to_string());
    let encryptor = match seal {
        Seal::Identity(identity) => encryptor(&identity.to_public())?,
        Seal::Passphrase(passphrase) => {
            let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.expose()));
            recipient.set_work_factor(WORK);
            encryptor(&recipient)?
        }
    };
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(failed)?;
    writer.write_all(plain).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(sealed)
}

fn encryptor(recipient: &dyn age::Recipient) -> Result<Encryptor, Problem> {
    Encryptor::with_recipients(iter::once(recipient))
        .map_err(|_refused| Problem::NotWritten("it cannot be encrypted".to_owned()))
}
