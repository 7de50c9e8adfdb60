//! `usearch`: links over codes of one bit, halves or bytes.

use std::collections::HashSet;
use std::sync::Arc;

use usearch::{Index, IndexOptions, MetricKind, ScalarKind, b1x8, new_index};

use crate::data::{Data, K, nearest};
use crate::subject::{CONNECTIVITY, EXPANSION, Result, Subject};

/// Rows of which the mean is taken that signs are relative to.
const SAMPLE: usize = 1024;
/// Threads that use an index at once.
const THREADS: usize = 4;

struct Usearch {
    data: Arc<Data>,
    index: Index,
    /// Where there are codes of one bit: what the bits say whether a component is above.
    mean: Option<Vec<f32>>,
}

fn index(data: &Data, metric: MetricKind, quantization: ScalarKind) -> Result<Index> {
    let index = new_index(&IndexOptions {
        dimensions: data.dimension,
        metric,
        quantization,
        connectivity: CONNECTIVITY,
        expansion_add: EXPANSION,
        expansion_search: EXPANSION,
        multi: false,
    })?;
    index.reserve_capacity_and_threads(data.count + data.count / 5, THREADS)?;
    Ok(index)
}

/// One bit a component by Hamming distance, the best re-ranked from rows kept beside it.
pub fn bits(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    let mut mean = vec![0.0; data.dimension];
    for row in 0..SAMPLE.min(data.count) {
        for (mean, component) in mean.iter_mut().zip(data.column.floats(row)) {
            *mean += component / SAMPLE.min(data.count) as f32;
        }
    }
    let index = index(&data, MetricKind::Hamming, ScalarKind::B1)?;
    Ok(Box::new(Usearch {
        data,
        index,
        mean: Some(mean),
    }))
}

/// Half precision by cosine.
pub fn halves(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    let index = index(&data, MetricKind::Cos, ScalarKind::F16)?;
    Ok(Box::new(Usearch {
        data,
        index,
        mean: None,
    }))
}

/// A byte a component by cosine.
pub fn bytes(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    let index = index(&data, MetricKind::Cos, ScalarKind::I8)?;
    Ok(Box::new(Usearch {
        data,
        index,
        mean: None,
    }))
}

fn signs(vector: &[f32], mean: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; vector.len().div_ceil(8)];
    for (position, (component, mean)) in vector.iter().zip(mean).enumerate() {
        bytes[position / 8] |= u8::from(component > mean) << (position % 8);
    }
    bytes
}

impl Subject for Usearch {
    fn add(&self, rows: std::ops::Range<usize>) -> Result<()> {
        for row in rows {
            let vector = self.data.column.floats(row);
            match &self.mean {
                Some(mean) => self
                    .index
                    .add(row as u64, b1x8::from_u8s(&signs(&vector, mean)))?,
                None => self.index.add(row as u64, &vector)?,
            }
        }
        Ok(())
    }

    fn search(&self, query: &[f32], effort: usize) -> Result<Vec<usize>> {
        if self.index.expansion_search() != effort {
            self.index.change_expansion_search(effort);
        }
        let Some(mean) = &self.mean else {
            let found = self.index.search(query, K)?;
            return Ok(found.keys.into_iter().map(|key| key as usize).collect());
        };
        let found = self.index.search(b1x8::from_u8s(&signs(query, mean)), effort)?;
        let rows = found.keys.into_iter().map(|key| key as usize);
        Ok(nearest(query, rows, &self.data.column, K))
    }

    fn remove(&self, rows: &HashSet<usize>) -> Result<()> {
        for row in rows {
            self.index.remove(*row as u64)?;
        }
        Ok(())
    }

    fn bytes(&self) -> Option<(u64, &'static str)> {
        Some((self.index.serialized_length() as u64, "file"))
    }

    fn efforts(&self) -> &'static [usize] {
        match self.mean {
            Some(_) => &[50, 100, 200, 400, 800, 1600],
            None => &[16, 32, 64, 128, 256, 512],
        }
    }
}
