//! Associations in memory: adjacency, personalised PageRank, k-best paths.
//!
//! This crate performs no I/O, takes no lock and never changes a snapshot that it handed out.
//! It knows neither texts nor names: concepts and relations are numbers here. PageRank and path
//! search run over the small trait [`Adjacency`], so that they can be held against naive stores.

mod adjacency;
mod best;
mod graph;
mod pagerank;
mod paths;
mod reach;
mod remaining;
mod segment;
mod settle;
mod weights;

pub use adjacency::{Adjacency, Direction, Edge};
pub use best::{Best, Falling};
pub use graph::Graph;
pub use pagerank::{PageRankOptions, personalised_pagerank};
pub use paths::{Path, PathOptions, Paths, best_paths};
pub use reach::{Found, ReachOptions, STEPS_LIMIT, reach, shortest_path};
pub use segment::Part;
pub use settle::{Settlement, TOGETHER};
pub use weights::STEP_DECAY;
