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
use sha2::Sha256;
use sutra_model::{ContentKey, Error, Result, TransactionId};

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

/// A keyed hash of something that went.
pub type KeyedHash = [u8; HASH_BYTES];

/// What is known of one forgetting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgettingReceipt {
    /// When it was done, in microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// What was asked.
    pub asked: Selection,
    /// How much went, and what stays.
    pub forgotten: Forgotten,
    /// HMAC-SHA-256, the first 16 bytes, of the content keys of the sources, statements and entities that went, sorted.
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
        let failed = |source| Error::io("cannot read", &path, source);
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

fn keyed_hash(secret: &[u8; KEY_BYTES], key: ContentKey) -> KeyedHash {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(&key.0);
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(&mac.finalize().into_bytes()[..HASH_BYTES]);
    hash
}
