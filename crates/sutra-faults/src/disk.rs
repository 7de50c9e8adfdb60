//! The disk itself: names and files, what of them is synced, and when it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::num::NonZeroU64;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sutra_store::{Disk, FileSystem, SyncReason};

use crate::image::Image;
use crate::random::Random;

/// How a disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The process is killed: nothing happens any more until [`FaultDisk::revive`].
    Kill,
    /// One call is refused (EIO).
    Refuse,
    /// From then on nothing can be written until [`FaultDisk::revive`] (ENOSPC).
    Full,
    /// The next sync of a file is refused (EIO), and only a part of what it was for is on the disk, as this seed decides.
    /// The system takes the rest for written: it is read as long as it is in memory, and no later sync writes it.
    LoseSync(u64),
    /// One read is refused (EIO).
    RefuseRead,
    /// One read ends early.
    ShortRead,
}

impl Failure {
    /// Those that end something half-way.
    pub const ALL: [Self; 5] = [
        Self::Kill,
        Self::Refuse,
        Self::Full,
        Self::RefuseRead,
        Self::ShortRead,
    ];

    /// Whether it befalls calls of this sort.
    const fn befalls(self, call: Call) -> bool {
        match self {
            Self::Kill | Self::Refuse | Self::Full => !matches!(call, Call::Read),
            Self::LoseSync(_) => matches!(call, Call::Sync),
            Self::RefuseRead | Self::ShortRead => matches!(call, Call::Read),
        }
    }
}

/// What is asked of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Read,
    Change,
    Sync,
}

/// A change of a folder that no sync has followed yet.
#[derive(Clone, Debug)]
enum NameChange {
    Folder(PathBuf),
    File(PathBuf, u64),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
}

impl NameChange {
    fn folder(&self) -> &Path {
        let (Self::Folder(path) | Self::File(path, _) | Self::Renamed(_, path) | Self::Removed(path)) = self;
        path.parent().unwrap_or(Path::new(""))
    }
}

#[derive(Clone, Debug, Default)]
struct Names {
    /// Files by path, as numbers of the file system.
    files: BTreeMap<PathBuf, u64>,
    /// In the order of their paths: those above come first.
    folders: BTreeSet<PathBuf>,
    pending: Vec<NameChange>,
}

impl Names {
    fn apply(&mut self, change: &NameChange) {
        match change {
            NameChange::Folder(path) => {
                self.folders.insert(path.clone());
            }
            NameChange::File(path, number) => {
                self.files.insert(path.clone(), *number);
            }
            NameChange::Renamed(from, to) => {
                if let Some(number) = self.files.remove(from) {
                    self.files.insert(to.clone(), number);
                }
            }
            NameChange::Removed(path) => {
                self.files.remove(path);
            }
        }
    }
}

#[derive(Debug)]
struct State {
    names: Names,
    images: BTreeMap<u64, Image>,
    /// Files without a name, open so that no other gets their number while the disk may still have their names.
    nameless: Vec<File>,
    /// Calls until the disk fails, and how.
    due: Option<(u64, Failure)>,
    down: Option<Failure>,
    ignored: Option<SyncReason>,
    /// Whether nothing is let go of.
    keeps: bool,
    failures: u64,
}

/// A disk below a folder. What stands there when it is made is taken as synced, and so is the folder itself.
#[derive(Debug)]
pub struct FaultDisk {
    root: PathBuf,
    state: Mutex<State>,
}

impl FaultDisk {
    /// Over a folder that exists and is empty.
    pub fn new(root: &Path) -> Self {
        Self::with(root, Names::default(), BTreeMap::new())
    }

    /// Over a folder with files, which are on the disk.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn over(root: &Path) -> io::Result<Self> {
        let (mut names, mut images) = (Names::default(), BTreeMap::new());
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    names.folders.insert(path.clone());
                    folders.push(path);
                } else {
                    let number = fs::metadata(&path)?.ino();
                    let mut image = Image::default();
                    image.write(&fs::read(&path)?, 0);
                    image.sync();
                    images.insert(number, image);
                    names.files.insert(path, number);
                }
            }
        }
        Ok(Self::with(root, names, images))
    }

    fn with(root: &Path, names: Names, images: BTreeMap<u64, Image>) -> Self {
        Self {
            root: root.to_owned(),
            state: Mutex::new(State {
                names,
                images,
                nameless: Vec::new(),
                due: None,
                down: None,
                ignored: None,
                keeps: false,
                failures: 0,
            }),
        }
    }

    /// Fails in this way after so many more calls.
    pub fn fail_after(&self, calls: u64, failure: Failure) {
        self.lock().due = Some((calls, failure));
    }

    /// Works again, as after a new start of the process or some room on the disk.
    pub fn revive(&self) {
        let mut state = self.lock();
        state.due = None;
        state.down = None;
    }

    /// Takes syncs of this kind for done without doing them, as if they were left out of the store.
    pub fn ignore(&self, reason: SyncReason) {
        self.lock().ignored = Some(reason);
    }

    /// Lets go of nothing from now on, as if the store never asked for it.
    pub fn keep(&self) {
        self.lock().keeps = true;
    }

    /// How many calls were refused.
    pub fn failures(&self) -> u64 {
        self.lock().failures
    }

    /// Makes what a loss of power would leave of this disk, below another folder that exists and is empty.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn lose_power(&self, into: &Path, random: &mut Random) -> io::Result<Self> {
        let state = self.lock();
        let mut names = state.names.clone();
        for change in std::mem::take(&mut names.pending) {
            if random.one_in(2) {
                names.apply(&change);
            }
        }
        let moved = |path: &Path| into.join(path.strip_prefix(&self.root).unwrap_or(path));
        let mut found = Names::default();
        let mut images = BTreeMap::new();
        for folder in &names.folders {
            // A folder whose own name is lost is lost with all that is in it.
            if moved(folder).parent().is_some_and(Path::is_dir) && fs::create_dir(moved(folder)).is_ok() {
                found.folders.insert(moved(folder));
            }
        }
        for (path, number) in &names.files {
            let path = moved(path);
            if !path.parent().is_some_and(Path::is_dir) {
                continue;
            }
            let mut image = state.images.get(number).cloned().unwrap_or_default();
            image.lose_power(random);
            let file = File::create(&path)?;
            image.write_to(&file)?;
            let number = file.metadata()?.ino();
            found.files.insert(path, number);
            images.insert(number, image);
        }
        let disk = Self::with(into, found, images);
        disk.lock().ignored = state.ignored;
        disk.lock().keeps = state.keeps;
        Ok(disk)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, if the disk does what it is asked to; else how it fails.
    fn called(&self, call: Call) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.lock();
        if let Some(down) = state
            .down
            .filter(|down| call != Call::Read || *down == Failure::Kill)
        {
            state.failures += 1;
            return Err(down);
        }
        match &mut state.due {
            Some((0, failure)) if failure.befalls(call) => {
                let failure = *failure;
                state.failures += 1;
                state.due = None;
                if matches!(failure, Failure::Kill | Failure::Full) {
                    state.down = Some(failure);
                }
                return Err(failure);
            }
            Some((calls, failure)) if *calls > 0 && (failure.befalls(Call::Read) == (call == Call::Read)) => {
                *calls -= 1;
            }
            _ => {}
        }
        Ok(state)
    }
}

fn refusal(failure: Failure) -> io::Error {
    match failure {
        Failure::Kill => io::Error::other("the process was killed"),
        Failure::Refuse | Failure::LoseSync(_) | Failure::RefuseRead => io::Error::from_raw_os_error(5),
        Failure::Full => io::Error::from_raw_os_error(28),
        Failure::ShortRead => io::ErrorKind::UnexpectedEof.into(),
    }
}

impl Disk for FaultDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.called(Call::Change).map_err(refusal)?;
        let is_new = !path.is_dir();
        FileSystem.create_folder(path)?;
        if is_new {
            state.names.pending.push(NameChange::Folder(path.to_owned()));
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        let mut state = self.called(Call::Change).map_err(refusal)?;
        let is_new = !path.exists();
        let file = FileSystem.create(path)?;
        if is_new {
            let number = file.metadata()?.ino();
            state.images.insert(number, Image::default());
            state
                .names
                .pending
                .push(NameChange::File(path.to_owned(), number));
        }
        Ok(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.called(Call::Change).map_err(refusal)?;
        state.nameless.extend(File::open(to).ok());
        FileSystem.rename(from, to)?;
        state
            .names
            .pending
            .push(NameChange::Renamed(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.called(Call::Change).map_err(refusal)?;
        state.nameless.extend(File::open(path).ok());
        FileSystem.remove(path)?;
        state.names.pending.push(NameChange::Removed(path.to_owned()));
        Ok(())
    }

    fn set_len(&self, file: &File, length: u64) -> io::Result<()> {
        let mut state = self.called(Call::Change).map_err(refusal)?;
        FileSystem.set_len(file, length)?;
        state
            .images
            .entry(file.metadata()?.ino())
            .or_default()
            .set_length(length);
        Ok(())
    }

    fn read(&self, file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        drop(self.called(Call::Read).map_err(refusal)?);
        FileSystem.read(file, bytes, offset)
    }

    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let number = file.metadata()?.ino();
        match self.called(Call::Change) {
            Ok(mut state) => {
                FileSystem.write(file, bytes, offset)?;
                state.images.entry(number).or_default().write(bytes, offset);
                Ok(())
            }
            Err(failure) => {
                // What is cut short has written its beginning.
                let half = &bytes[..bytes.len() / 2];
                let mut state = self.lock();
                FileSystem.write(file, half, offset)?;
                state.images.entry(number).or_default().write(half, offset);
                Err(refusal(failure))
            }
        }
    }

    /// The real file is not synced: nothing here is asked of the machine's own disk.
    fn sync(&self, file: &File, reason: SyncReason) -> io::Result<()> {
        let number = file.metadata()?.ino();
        match self.called(Call::Sync) {
            Ok(mut state) => {
                if state.ignored != Some(reason) {
                    state.images.entry(number).or_default().sync();
                }
                Ok(())
            }
            Err(failure) => {
                if let Failure::LoseSync(seed) = failure {
                    let mut state = self.lock();
                    let image = state.images.entry(number).or_default();
                    image.lose_power(&mut Random::new(seed));
                }
                Err(refusal(failure))
            }
        }
    }

    /// What is not synced stays in memory, as far as a sync that failed has not taken it for written.
    fn let_go(&self, file: &File, length: Option<NonZeroU64>) -> io::Result<()> {
        let state = self.lock();
        if state.keeps {
            return Ok(());
        }
        let image = state.images.get(&file.metadata()?.ino());
        let mut image = image.cloned().unwrap_or_default();
        image.sync();
        match length {
            Some(length) => image.write_beginning_to(file, length.get()),
            None => {
                file.set_len(0)?;
                image.write_to(file)
            }
        }
    }

    fn sync_folder(&self, path: &Path, reason: SyncReason) -> io::Result<()> {
        let mut state = self.called(Call::Change).map_err(refusal)?;
        if state.ignored == Some(reason) {
            return Ok(());
        }
        let (synced, pending): (Vec<_>, Vec<_>) = std::mem::take(&mut state.names.pending)
            .into_iter()
            .partition(|change| change.folder() == path);
        state.names.pending = pending;
        for change in &synced {
            state.names.apply(change);
        }
        Ok(())
    }
}
