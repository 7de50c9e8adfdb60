//! Every structure and algorithm of the crate against a slow one that is plain enough to be trusted.

mod graph;
mod naive;
mod pagerank;
mod paths;
mod reach;
