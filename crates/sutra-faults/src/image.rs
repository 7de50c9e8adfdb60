//! What a disk has of one file: what was synced, and what was written since.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::random::Random;

/// What a disk writes whole or not at all.
const SECTOR: u64 = 512;

/// A change that no sync has followed yet.
#[derive(Clone, Debug)]
enum Change {
    Length(u64),
    Bytes(u64, Vec<u8>),
}

/// A file as the disk has it.
#[derive(Clone, Debug, Default)]
pub struct Image {
    length: u64,
    /// Sectors that were ever written, by their numbers; all others are zeros.
    sectors: BTreeMap<u64, Vec<u8>>,
    pending: Vec<Change>,
}

impl Image {
    pub fn set_length(&mut self, length: u64) {
        self.pending.push(Change::Length(length));
    }

    pub fn write(&mut self, bytes: &[u8], offset: u64) {
        self.pending.push(Change::Bytes(offset, bytes.to_vec()));
    }

    pub fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            self.apply(&change, |_| true);
        }
    }

    /// What a loss of power leaves: of what was not synced any part, whole or torn.
    pub fn lose_power(&mut self, random: &mut Random) {
        for change in std::mem::take(&mut self.pending) {
            match random.below(4) {
                0 => {}
                1 => self.apply(&change, |_| random.one_in(2)),
                _ => self.apply(&change, |_| true),
            }
        }
    }

    /// Puts everything that was written, synced or not, into a file.
    pub fn write_to(&self, file: &File) -> io::Result<()> {
        file.set_len(self.length)?;
        self.write_beginning_to(file, self.length)
    }

    /// Puts as much of it into a file as stands in so many bytes.
    pub fn write_beginning_to(&self, file: &File, length: u64) -> io::Result<()> {
        let length = length.min(self.length);
        for (sector, bytes) in self.sectors.range(..length.div_ceil(SECTOR)) {
            let start = sector * SECTOR;
            let end = length.min(start + SECTOR);
            if start < end {
                file.write_all_at(&bytes[..(end - start) as usize], start)?;
            }
        }
        Ok(())
    }

    /// Applies the sectors of a change that `keep` lets through. What is written beyond the end makes a file longer.
    fn apply(&mut self, change: &Change, mut keep: impl FnMut(u64) -> bool) {
        match change {
            Change::Length(length) => {
                if keep(0) {
                    self.cut(*length);
                }
            }
            Change::Bytes(offset, bytes) => {
                let end = offset + bytes.len() as u64;
                for sector in offset / SECTOR..end.div_ceil(SECTOR) {
                    if keep(sector) {
                        self.put(sector, *offset, bytes);
                    }
                }
            }
        }
    }

    fn cut(&mut self, length: u64) {
        self.length = length;
        let last = length / SECTOR;
        self.sectors.split_off(&length.div_ceil(SECTOR));
        if let Some(bytes) = self.sectors.get_mut(&last) {
            bytes[(length % SECTOR) as usize..].fill(0);
        }
    }

    fn put(&mut self, sector: u64, offset: u64, bytes: &[u8]) {
        let start = (sector * SECTOR).max(offset);
        let end = ((sector + 1) * SECTOR).min(offset + bytes.len() as u64);
        let kept = self
            .sectors
            .entry(sector)
            .or_insert_with(|| vec![0; SECTOR as usize]);
        let inside = (start - sector * SECTOR) as usize..(end - sector * SECTOR) as usize;
        kept[inside].copy_from_slice(&bytes[(start - offset) as usize..(end - offset) as usize]);
        self.length = self.length.max(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(image: &Image) -> Vec<u8> {
        let mut bytes = vec![0; image.length as usize];
        for (sector, kept) in &image.sectors {
            let start = (sector * SECTOR) as usize;
            let end = bytes.len().min(start + SECTOR as usize);
            bytes[start..end].copy_from_slice(&kept[..end - start]);
        }
        bytes
    }

    #[test]
    fn what_is_synced_is_what_was_written() {
        let mut random = Random::new(1);
        let (mut image, mut model) = (Image::default(), Vec::new());
        for _ in 0..500 {
            if random.one_in(5) {
                let length = random.below(4000);
                model.resize(length as usize, 0);
                image.set_length(length);
            } else {
                let offset = random.below(3000);
                let bytes: Vec<u8> = (0..random.below(1200)).map(|_| random.number() as u8).collect();
                let end = offset as usize + bytes.len();
                if !bytes.is_empty() {
                    model.resize(model.len().max(end), 0);
                    model[offset as usize..end].copy_from_slice(&bytes);
                }
                image.write(&bytes, offset);
            }
            if random.one_in(3) {
                image.sync();
                assert_eq!(content(&image), model);
            }
        }
    }

    #[test]
    fn power_takes_any_part_of_what_is_not_synced_and_nothing_else() {
        let mut lost = 0;
        let mut torn = 0;
        for seed in 0..200 {
            let mut image = Image::default();
            image.write(&[1; 2048], 0);
            image.sync();
            image.write(&[2; 2048], 1024);
            image.lose_power(&mut Random::new(seed));
            let found = content(&image);
            assert_eq!(found[..1024], [1; 1024]);
            for sector in found[1024..].chunks(SECTOR as usize) {
                assert!(sector.iter().all(|byte| *byte == sector[0]));
            }
            lost += usize::from(found == [1; 2048]);
            torn +=
                usize::from(found.contains(&1) && found[1024..].contains(&2) && found[1024..].contains(&1));
        }
        assert!(lost > 20 && torn > 20, "{lost} {torn}");
    }
}
