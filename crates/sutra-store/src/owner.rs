//! Who holds the lock of a file.
//!
//! The lock itself is the operating system's and says only that it is held. Linux tells by whom in `/proc/locks`;
//! elsewhere the owner stays unknown, and a message does without.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The process that holds a lock on a file; `None` where the system does not tell.
pub fn owner_of(path: &Path) -> Option<u32> {
    let file = fs::metadata(path).ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let holders: Vec<u32> = holders(&locks, file.ino()).collect();
    // File numbers are those of one device, and not every file system gives `/proc/locks` the device that a file's
    // metadata has: whoever has this very file open is the owner, and else one who does not let us look.
    let open = holders.iter().find(|pid| has_open(**pid, &file) == Some(true));
    open.or_else(|| holders.iter().find(|pid| has_open(**pid, &file).is_none()))
        .copied()
}

/// Processes that hold a whole-file lock on a file of this number, from lines like
/// `1: FLOCK  ADVISORY  WRITE 4851 fe:00:9977938 0 EOF`.
fn holders(locks: &str, file: u64) -> impl Iterator<Item = u32> + '_ {
    locks.lines().filter_map(move |line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, pid, place, ..] = fields[..] else {
            return None;
        };
        let found: u64 = place.rsplit(':').next()?.parse().ok()?;
        // 0 stands for a process that cannot be seen from here (another container's).
        let pid: u32 = pid.parse().ok().filter(|pid| *pid > 0)?;
        (found == file).then_some(pid)
    })
}

/// Whether a process has a file open; `None` when it may not be looked at.
fn has_open(pid: u32, file: &fs::Metadata) -> Option<bool> {
    let opened = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let same = |other: fs::Metadata| other.ino() == file.ino() && other.dev() == file.dev();
    Some(
        opened
            .flatten()
            .filter_map(|entry| fs::metadata(entry.path()).ok())
            .any(same),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_file_locks_on_the_file_count() {
        let locks = "1: FLOCK  ADVISORY  WRITE 4851 fe:00:77 0 EOF\n\
                     1: -> FLOCK  ADVISORY  WRITE 9 fe:00:77 0 EOF\n\
                     2: POSIX  ADVISORY  READ 12 fe:00:77 0 EOF\n\
                     3: FLOCK  ADVISORY  READ 13 fe:00:78 0 EOF\n\
                     4: FLOCK  ADVISORY  READ 0 fe:00:77 0 EOF\n";
        assert_eq!(holders(locks, 77).collect::<Vec<_>>(), [4851]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_lock_of_this_process_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locked");
        let file = fs::File::create(&path).unwrap();
        assert_eq!(owner_of(&path), None);
        file.lock_shared().unwrap();
        assert_eq!(owner_of(&path), Some(std::process::id()));
    }
}
