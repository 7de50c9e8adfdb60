//! Receipts of forgetting: what was asked, how much went, and keyed hashes of it.
//!
//! A receipt holds nothing of what was forgotten, and nothing that it could be guessed from: the hashes are made with a
//! secret of the store, which stands in a file of its own. Whoever has that file and a text can find out whether it was
//! among what went.

use std::fs::{File, OpenOptions as FileOptions};
use std::io::{ErrorKind, Read, Write};
use std::ops::Bound;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use redb::{ReadableDatabase, WriteTransaction};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sutra_model::{ContentKey, Error, Result, TransactionId, entity_key, passage_key, statement_key};

use crate::apply::put;
use crate::disk::SyncReason;
use crate::folder::sync_folder;
use crate::layout;
use crate::opening::random_bytes;
use crate::select::Selection;
use crate::store::Store;
use crate::updates::Forgotten;

/// The file of the store's secret.
pub const KEY_FILE: &str = "store.key";
const KEY_BYTES: usize = 32;
/// Bytes that are kept of each hash.
const HASH_BYTES: usize = 16;

/// Hashed into every receipt, so that it shows whether a secret is the one that it was made with. No content has it.
const MARK: ContentKey = ContentKey([0; 16]);

/// A keyed hash of something that went.
pub type KeyedHash = [u8; HASH_BYTES];

/// What a text can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A sentence, or a passage without a title.
    Statement,
    /// A passage under a title.
    Passage,
    /// The name of an entity.
    Entity,
    /// The whole text of a source.
    Source,
}

/// As what a text is among what a receipt tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Went {
    /// As what it was found, in the order of [`TextKind`]; empty where it was not.
    pub found: Vec<TextKind>,
    /// Whether the store's secret is known to be the one that the receipt was made with. Where it is not, that nothing
    /// was found says nothing: the secret is another one, or the receipt is from before receipts had a mark of theirs.
    pub key_fits: bool,
}

/// What is known of one forgetting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgettingReceipt {
    /// When it was done, in microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// What was asked.
    pub asked: Selection,
    /// How much went, and what stays.
    pub forgotten: Forgotten,
    /// HMAC-SHA-256, the first 16 bytes, of the content keys of the sources, statements and entities that went, and of 16
    /// bytes of zero, sorted.
    pub hashes: Vec<KeyedHash>,
}

impl Store {
    /// Keeps the receipt of a forgetting.
    pub(crate) fn write_receipt(
        &self,
        transaction: &WriteTransaction,
        time: i64,
        asked: &Selection,
        forgotten: Forgotten,
        went: &[ContentKey],
    ) -> Result<()> {
        let key = self.key()?;
        let mut hashes: Vec<KeyedHash> = went.iter().map(|went| keyed_hash(&key, *went)).collect();
        hashes.push(keyed_hash(&key, MARK));
        hashes.sort_unstable();
        hashes.dedup();
        let receipt = ForgettingReceipt {
            time,
            asked: asked.clone(),
            forgotten,
            hashes,
        };
        let mut receipts = layout::given(&self.path, transaction.open_table(layout::RECEIPTS))?;
        let number = forgotten.transaction.0;
        put(
            &self.path,
            receipts.insert(number, layout::encode(&receipt).as_slice()),
        )
    }

    /// The receipt of the transaction that forgot something; `None` where it forgot nothing.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn receipt(&self, transaction: TransactionId) -> Result<Option<ForgettingReceipt>> {
        let read = layout::given(&self.path, self.database.begin_read())?;
        let receipts = layout::given(&self.path, read.open_table(layout::RECEIPTS))?;
        let row = layout::given(&self.path, receipts.get(transaction.0))?;
        row.map(|row| layout::decode(row.value(), &self.path, "receipt"))
            .transpose()
    }

    /// The transactions after one that forgot something, by rising number, each with when.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn receipts_after(&self, after: TransactionId) -> Result<Vec<(TransactionId, i64)>> {
        let read = layout::given(&self.path, self.database.begin_read())?;
        let receipts = layout::given(&self.path, read.open_table(layout::RECEIPTS))?;
        let mut found = Vec::new();
        let later = (Bound::Excluded(after.0), Bound::Unbounded);
        for row in layout::given(&self.path, receipts.range::<u64>(later))? {
            let (number, receipt) = layout::given(&self.path, row)?;
            let receipt: ForgettingReceipt = layout::decode(receipt.value(), &self.path, "receipt")?;
            found.push((TransactionId(number.value()), receipt.time));
        }
        Ok(found)
    }

    /// Whether a content key is that of something that a receipt tells of.
    ///
    /// # Errors
    /// [`Error::Io`], also when the store's secret is missing.
    pub fn went(&self, receipt: &ForgettingReceipt, key: ContentKey) -> Result<bool> {
        let hash = keyed_hash(&self.read_key()?, key);
        Ok(receipt.hashes.binary_search(&hash).is_ok())
    }

    /// As what a text is among what a receipt tells of: as it is given, or without white space at its ends. A passage
    /// that stood under a title is found with it alone. A text of which
    /// words were forgotten before has no hash of what is left.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a text without words; [`Error::Io`], also when the store's secret is missing.
    pub fn went_as(&self, receipt: &ForgettingReceipt, text: &str, title: &str) -> Result<Went> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Error::InvalidValue {
                what: "text",
                value: text.to_owned(),
                allowed: "a text that is not empty",
            });
        }
        let key = self.read_key()?;
        let held = |content| receipt.hashes.binary_search(&keyed_hash(&key, content)).is_ok();
        let either = |keyed: &dyn Fn(&str) -> ContentKey| held(keyed(text)) || held(keyed(trimmed));
        let mut found = Vec::new();
        if either(&statement_key) {
            found.push(TextKind::Statement);
        }
        if !title.is_empty() && either(&|text| passage_key(title, text)) {
            found.push(TextKind::Passage);
        }
        if held(entity_key(trimmed)) {
            found.push(TextKind::Entity);
        }
        if either(&source_key) {
            found.push(TextKind::Source);
        }
        let key_fits = held(MARK) || !found.is_empty();
        Ok(Went { found, key_fits })
    }

    fn key_path(&self) -> PathBuf {
        self.path.with_file_name(KEY_FILE)
    }

    /// The store's secret, which is drawn when it is first needed.
    fn key(&self) -> Result<[u8; KEY_BYTES]> {
        match self.read_key() {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            read => return read,
        }
        let path = self.key_path();
        let mut key = [0; KEY_BYTES];
        for half in key.chunks_mut(KEY_BYTES / 2) {
            half.copy_from_slice(&random_bytes(&path)?);
        }
        let failed = |source| Error::io("cannot write", &path, source);
        let mut file = FileOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        file.write_all(&key)
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        sync_folder(&*self.disk(), folder, SyncReason::StoreName)?;
        Ok(key)
    }

    fn read_key(&self) -> Result<[u8; KEY_BYTES]> {
        let path = self.key_path();
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => Error::io("cannot read", &path, missing_key()),
            _ => Error::io("cannot read", &path, source),
        };
        let mut key = Vec::new();
        File::open(&path)
            .and_then(|mut file| file.read_to_end(&mut key))
            .map_err(failed)?;
        key.try_into().map_err(|key: Vec<u8>| Error::Corrupt {
            path: path.clone(),
            detail: format!("it has {} bytes, not {KEY_BYTES}", key.len()),
        })
    }
}

/// What to do without the secret. Forgetting draws another one.
fn missing_key() -> std::io::Error {
    let advice = "it is not there, and without it nobody can tell what is among a receipt; put back the one that was \
                  there when it was forgotten";
    std::io::Error::new(ErrorKind::NotFound, advice)
}

/// What a receipt keeps of a source.
fn source_key(text: &str) -> ContentKey {
    let mut beginning = [0; 16];
    beginning.copy_from_slice(&Sha256::digest(text)[..16]);
    ContentKey(beginning)
}

fn keyed_hash(secret: &[u8; KEY_BYTES], key: ContentKey) -> KeyedHash {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(&key.0);
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(&mac.finalize().into_bytes()[..HASH_BYTES]);
    hash
}
