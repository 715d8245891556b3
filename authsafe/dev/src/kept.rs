//! What is there again after a restart: the key, the secrets, and what refresh tokens are good for.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64_simd::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::error::DevError;
use super::store::KeptGrant;

/// A file of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// PKCS #8, in base64.
    key: String,
    pub(super) client_secret: String,
    pub(super) cookie_secret: String,
    #[serde(default)]
    pub(super) grants: Vec<KeptGrant>,
}

impl Kept {
    pub(super) fn new(key: &[u8], client_secret: String, cookie_secret: String) -> Self {
        Self {
            key: BASE64.encode_to_string(key),
            client_secret,
            cookie_secret,
            grants: Vec::new(),
        }
    }

    pub(super) fn key(&self) -> Option<Vec<u8>> {
        BASE64.decode_to_vec(&self.key).ok()
    }

    /// Reads a file. `None`: there is none yet.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, DevError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(path, source)),
        };
        let kept = serde_json::from_slice(&text);
        kept.map(Some)
            .map_err(|_| DevError::Kept(path.to_path_buf()))
    }

    /// Writes a file, for nobody else to read, in the place of the one before.
    pub(super) fn write(&self, path: &Path) -> Result<(), DevError> {
        let text = serde_json::to_vec_pretty(self).map_err(|_| DevError::Key)?;
        let new = new_beside(path);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options
            .open(&new)
            .and_then(|mut file| file.write_all(&text))
            .and_then(|()| fs::rename(&new, path));
        written.map_err(|source| failed(path, source))
    }
}

fn new_beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn failed(path: &Path, source: io::Error) -> DevError {
    let path = path.to_path_buf();
    DevError::Keep { path, source }
}
