//! Microsoft's `diskann` with its own index in memory: 32-bit floats, or codes of one bit re-ranked from halves it keeps.
//!
//! Its graph has one level. Rows keep 32 links as the lowest level of the others does, and some more for a while.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, Waker};

use diskann::graph::config::{Builder, MaxDegree};
use diskann::graph::search::Knn;
use diskann::graph::{Config, DiskANNIndex, InplaceDeleteMethod};
use diskann::neighbor::Neighbor;
use diskann::provider::Delete;
use diskann_inmem::num::Capacity;
use diskann_inmem::repr::quantized::spherical::Spherical;
use diskann_inmem::repr::quantized::{
    Backend, Config as Quantization, Metric as Reranked, Quantized, Rerank,
};
use diskann_inmem::repr::{Full, RepresentationConfig};
use diskann_inmem::{Context, Provider, Strategy, num};
use diskann_quantization::algorithms::transforms::{TargetDim, TransformKind};
use diskann_quantization::alloc::GlobalAllocator;
use diskann_quantization::spherical::{PreScale, SphericalQuantizer, SupportedMetric};
use diskann_utils::views::rowmajor::{Matrix, Owned};
use diskann_vector::distance::Metric;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::data::{Data, K};
use crate::subject::{CONNECTIVITY, EXPANSION, Result, Subject};

/// Links of a row.
const DEGREE: usize = 2 * CONNECTIVITY;
/// How much longer than the shortest way a detour may be before a link is worth having.
const ALPHA: f32 = 1.2;
/// Rows that the one-bit codes are fitted to, and of which the middle one is where searches begin.
const SAMPLE: usize = 10_000;
/// Neighbours that get another link for each one lost when a row is taken out, and how many are looked at for it.
const REPLACED: usize = 3;
const REPLACEMENTS: InplaceDeleteMethod = InplaceDeleteMethod::VisitedAndTopK {
    k_value: 50,
    l_value: EXPANSION,
};

struct Floats {
    data: Arc<Data>,
    index: DiskANNIndex<Provider<Full<f32>, u64>>,
}

struct Bits {
    data: Arc<Data>,
    index: DiskANNIndex<Provider<Quantized, u64>>,
}

/// Runs what never waits for anything.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut task = Task::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
    }
}

fn config() -> Result<Config> {
    let mut builder = Builder::new(DEGREE, MaxDegree::default_slack(), EXPANSION, Metric::L2.into());
    builder.alpha(ALPHA);
    Ok(builder.build()?)
}

fn index<C: RepresentationConfig>(
    config: Config,
    rows: C,
) -> Result<DiskANNIndex<Provider<C::Representation, u64>>> {
    Ok(DiskANNIndex::new(config, Provider::new(rows)?, None))
}

fn sampled(data: &Data) -> usize {
    SAMPLE.min(data.count)
}

/// The row nearest to the mean of the sample.
fn middle(data: &Data) -> usize {
    let mut mean = vec![0.0; data.dimension];
    for row in 0..sampled(data) {
        for (mean, component) in mean.iter_mut().zip(data.column.floats(row)) {
            *mean += component;
        }
    }
    crate::data::nearest(&mean, 0..sampled(data), &data.column, 1)[0]
}

fn capacity(data: &Data) -> Capacity {
    Capacity::new(data.count + data.count / 5)
}

/// 32-bit floats: built for any processor, as we build, it turns halves into floats without the processor's help.
pub fn floats(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    let config = config()?;
    let start = Owned::row_vector(data.column.floats(middle(&data)).into_boxed_slice());
    let degree = num::MaxDegree::new(config.max_degree().get());
    let rows = Full::config(capacity(&data), degree, Metric::L2, start)?;
    let index = index(config, rows)?;
    Ok(Box::new(Floats { data, index }))
}

/// One bit a component, the best re-ranked at half precision.
pub fn bits(data: Arc<Data>) -> Result<Box<dyn Subject>> {
    let config = config()?;
    let sample: Vec<f32> = (0..sampled(&data))
        .flat_map(|row| data.column.floats(row))
        .collect();
    let sample = Owned::try_from_data(sample.into_boxed_slice(), sampled(&data), data.dimension)
        .map_err(|_| "the sample is not as long as it should be")?;
    let quantizer = SphericalQuantizer::train(
        sample.as_view(),
        TransformKind::DoubleHadamard {
            target_dim: TargetDim::Same,
        },
        SupportedMetric::SquaredL2,
        PreScale::ReciprocalMeanNorm,
        &mut StdRng::seed_from_u64(7),
        GlobalAllocator,
    )?;
    let start = Owned::row_vector(data.column.floats(middle(&data)).into_boxed_slice());
    let rows = Quantization::new(
        Backend::new(Spherical::new(quantizer.as_quantizer_impl::<1>()?)),
        capacity(&data),
        num::MaxDegree::new(config.max_degree().get()),
        start,
        Rerank::F16 {
            metric: Reranked::SquaredL2,
        },
    )?;
    let index = index(config, rows)?;
    Ok(Box::new(Bits { data, index }))
}

fn rows_of(found: Vec<Neighbor<u64>>) -> Vec<usize> {
    found
        .into_iter()
        .take(K)
        .map(|neighbor| *neighbor.id() as usize)
        .collect()
}

impl Subject for Floats {
    fn add(&self, rows: std::ops::Range<usize>) -> Result<()> {
        for row in rows {
            let vector = self.data.column.floats(row);
            now(self
                .index
                .insert(&Strategy, &Context, &(row as u64), vector.as_slice()))?;
        }
        Ok(())
    }

    fn search(&self, query: &[f32], effort: usize) -> Result<Vec<usize>> {
        let mut found = Vec::with_capacity(effort);
        let how = Knn::new_default(effort)?;
        now(self.index.search(how, &Strategy, &Context, query, &mut found))?;
        Ok(rows_of(found))
    }

    fn remove(&self, rows: &HashSet<usize>) -> Result<()> {
        for row in rows {
            now(self
                .index
                .inplace_delete(Strategy, &Context, &(*row as u64), REPLACED, REPLACEMENTS))?;
        }
        Ok(())
    }

    fn bytes(&self) -> Option<(u64, &'static str)> {
        None
    }

    fn efforts(&self) -> &'static [usize] {
        &[16, 32, 64, 128, 256, 512]
    }
}

impl Subject for Bits {
    fn add(&self, rows: std::ops::Range<usize>) -> Result<()> {
        for row in rows {
            let vector = self.data.column.floats(row);
            now(self
                .index
                .insert(&Strategy, &Context, &(row as u64), vector.as_slice()))?;
        }
        Ok(())
    }

    fn search(&self, query: &[f32], effort: usize) -> Result<Vec<usize>> {
        let mut found = Vec::with_capacity(effort);
        let how = Knn::new_default(effort)?;
        now(self.index.search(how, &Strategy, &Context, query, &mut found))?;
        Ok(rows_of(found))
    }

    /// Marks them: links of others are mended only where rows are kept in full.
    fn remove(&self, rows: &HashSet<usize>) -> Result<()> {
        for row in rows {
            now(self.index.provider().delete(&Context, &(*row as u64)))?;
        }
        Ok(())
    }

    fn bytes(&self) -> Option<(u64, &'static str)> {
        None
    }

    fn efforts(&self) -> &'static [usize] {
        &[32, 64, 128, 256, 512, 1024]
    }
}
