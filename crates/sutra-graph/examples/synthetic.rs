//! Times the graph on a made-up one: preferential attachment (Barabási, Albert, 1999), fixed seed.
//!
//! `cargo run --release -p sutra-graph --example synthetic [nodes] [edges]`

use std::hint::black_box;
use std::time::{Duration, Instant};

use sutra_graph::{
    Adjacency, Direction, Graph, PageRankOptions, PathOptions, best_paths, personalised_pagerank,
};
use sutra_model::{Association, AssociationKey, AssociationKind, ConceptId, RelationId};

/// Edges of one commit.
const BATCH: usize = 8;
/// Runs of each operation.
const RUNS: usize = 500;

/// SplitMix64 (Steele, Lea, Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// Edges in order of learning: each new node is tied to older ones, in proportion to their degree.
fn associations(nodes: usize, edges: usize, random: &mut Random) -> Vec<Association> {
    let mut ends: Vec<u64> = vec![1];
    let mut made = Vec::with_capacity(edges);
    for node in 2..=nodes as u64 {
        while made.len() < (edges as u128 * u128::from(node) / nodes as u128) as usize {
            let other = ends[random.below(ends.len())];
            let other = if other == node { node - 1 } else { other };
            let relation = RelationId(random.below(8) as u32);
            made.push(Association {
                key: AssociationKey {
                    subject: ConceptId(node),
                    relation,
                    object: ConceptId(other),
                },
                kind: AssociationKind::Semantic,
                confidence: 0.5 + 0.49 * (random.below(1000) as f32 / 1000.0),
                evidence_count: 1,
            });
            ends.extend([node, other]);
        }
    }
    made
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e6;
    println!(
        "{what:<34} {:>11.1} {:>11.1} {:>11.1} {:>11.1}",
        at(50),
        at(95),
        at(99),
        at(100)
    );
}

fn time(mut run: impl FnMut()) -> Vec<Duration> {
    (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect()
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok());
    let nodes: usize = arguments.next().unwrap_or(100_000);
    let edges: usize = arguments.next().unwrap_or(500_000);
    let mut random = Random(1);
    let made = associations(nodes, edges, &mut random);

    let mut graph = Graph::new();
    let mut commits = Vec::new();
    let start = Instant::now();
    for batch in made.chunks(BATCH) {
        let commit = Instant::now();
        graph = graph.with(batch);
        commits.push(commit.elapsed());
    }
    let built = start.elapsed().as_secs_f64();
    println!(
        "{nodes} nodes, {} edges, {:.0} edges/s",
        graph.edge_count(),
        made.len() as f64 / built
    );
    let start = Instant::now();
    let at_once = Graph::new().with(&made);
    let rate = made.len() as f64 / start.elapsed().as_secs_f64();
    println!("built at once: {} edges, {rate:.0} edges/s", at_once.edge_count());
    println!(
        "{:<34} {:>11} {:>11} {:>11} {:>11}",
        "microseconds", "p50", "p95", "p99", "max"
    );
    print("with, 8 edges, while growing", commits);

    let mut next = || ConceptId(1 + random.below(nodes) as u64);
    let batch: Vec<Association> = (0..BATCH).map(|index| made[index * 1000]).collect();
    print(
        "with, 8 edges, on the whole",
        time(|| drop(black_box(graph.with(&batch)))),
    );

    let two_hops = time(|| {
        let node = next();
        let mut reached = 0;
        for edge in graph.neighbours(node, Direction::Both, None) {
            graph.visit_edges(edge.other_end(), |_| reached += 1);
        }
        black_box(reached);
    });
    print("2 hops", two_hops);

    let exact = PageRankOptions {
        tolerance: 1e-10,
        limit: 50,
        ..Default::default()
    };
    for tolerance in [1e-4, 1e-5, 3e-6, 1e-6] {
        let options = PageRankOptions {
            tolerance,
            limit: 50,
            ..Default::default()
        };
        let ranks = time(|| {
            let seeds = [(next(), 1.0), (next(), 0.5), (next(), 0.2)];
            black_box(personalised_pagerank(&graph, &seeds, options));
        });
        print(&format!("PageRank, 3 seeds, {tolerance:.0e}"), ranks);
        let (mut kept, mut ordered) = (0, 0);
        for _ in 0..20 {
            let seeds = [(next(), 1.0), (next(), 0.5), (next(), 0.2)];
            let truth = personalised_pagerank(&graph, &seeds, exact);
            let found = personalised_pagerank(&graph, &seeds, options);
            kept += truth
                .iter()
                .filter(|(id, _)| found.iter().any(|(other, _)| other == id))
                .count();
            ordered += truth
                .iter()
                .zip(&found)
                .filter(|(left, right)| left.0 == right.0)
                .count();
        }
        println!(
            "{:<34} {:>10}% {:>10}%",
            "  top 50: found, at its place",
            kept / 10,
            ordered / 10
        );
    }

    for max_steps in [3, 4, 6] {
        let options = PathOptions {
            max_steps,
            ..Default::default()
        };
        let mut exhausted = 0;
        let paths = time(|| {
            let found = best_paths(&graph, &[next(), next()], &[next(), next(), next()], options);
            exhausted += usize::from(found.exhausted);
            black_box(found);
        });
        print(
            &format!("5 best paths, {max_steps} steps ({exhausted} cut short)"),
            paths,
        );
    }
}
