//! `hnsw_rs`: links over 32-bit floats. It cannot take a row out; a search can be told not to find it.

use std::collections::HashSet;
use std::sync::{Arc, RwLock};

use hnsw_rs::prelude::{DistDot, Hnsw};

use crate::data::{Data, K};
use crate::subject::{CONNECTIVITY, EXPANSION, Result, Subject};

const LAYERS_MAX: usize = 16;

struct HnswRs {
    data: Arc<Data>,
    index: Hnsw<'static, f32, DistDot>,
    gone: RwLock<HashSet<usize>>,
}

/// 32-bit floats by the dot product of vectors of unit length.
pub fn floats(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    let all = data.count + data.count / 5;
    Ok(Box::new(HnswRs {
        index: Hnsw::new(CONNECTIVITY, all, LAYERS_MAX, EXPANSION, DistDot {}),
        data,
        gone: RwLock::default(),
    }))
}

/// Halves are a little longer or shorter than their row was, which the library does not take.
fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector
        .iter()
        .map(|component| component * component)
        .sum::<f32>()
        .sqrt();
    vector
        .iter_mut()
        .for_each(|component| *component /= length * (1.0 + 1e-6));
    vector
}

impl Subject for HnswRs {
    fn add(&self, rows: std::ops::Range<usize>) -> Result<()> {
        for row in rows {
            self.index.insert((&unit(self.data.column.floats(row)), row));
        }
        Ok(())
    }

    fn search(&self, query: &[f32], effort: usize) -> Result<Vec<usize>> {
        let query = unit(query.to_vec());
        let gone = self.gone.read().expect("nobody panics with it");
        let found = match gone.is_empty() {
            true => self.index.search(&query, K, effort),
            false => {
                let admit = |row: &usize| !gone.contains(row);
                self.index.search_filter(&query, K, effort, Some(&admit))
            }
        };
        Ok(found.into_iter().map(|neighbour| neighbour.d_id).collect())
    }

    fn remove(&self, rows: &HashSet<usize>) -> Result<()> {
        self.gone.write().expect("nobody panics with it").extend(rows);
        Ok(())
    }

    fn bytes(&self) -> Option<(u64, &'static str)> {
        None
    }

    fn efforts(&self) -> &'static [usize] {
        &[16, 32, 64, 128, 256, 512]
    }
}
