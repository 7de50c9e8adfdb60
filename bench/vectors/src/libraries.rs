//! The libraries, each in a process of its own, and the tables.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;

use crate::arguments::Arguments;
use crate::data::Data;
use crate::subject::{Candidate, Result};
use crate::{in_diskann, in_hnsw_rs, in_usearch, measure, sutra};

/// What a child process begins its one line with.
const MARK: &str = "measured ";

const CANDIDATES: [Candidate; 8] = [
    Candidate {
        name: "sutra-settled",
        about: "one bit a component in lists with links, re-ranked from f16 rows beside it (1,536 bytes at 768)",
        make: sutra::settled,
    },
    Candidate {
        name: "sutra-fresh",
        about: "one bit a component, all read, re-ranked from f16 rows beside it (1,536 bytes at 768)",
        make: sutra::fresh,
    },
    Candidate {
        name: "usearch-b1",
        about: "HNSW, one bit a component by Hamming distance, re-ranked from f16 rows beside it (1,536 bytes at 768)",
        make: in_usearch::bits,
    },
    Candidate {
        name: "usearch-i8",
        about: "HNSW, i8 by cosine",
        make: in_usearch::bytes,
    },
    Candidate {
        name: "usearch-f16",
        about: "HNSW, f16 by cosine",
        make: in_usearch::halves,
    },
    Candidate {
        name: "hnsw_rs",
        about: "HNSW, f32; cannot take rows out: a search is told which to leave out",
        make: in_hnsw_rs::floats,
    },
    Candidate {
        name: "diskann-f32",
        about: "Vamana in memory, f32",
        make: in_diskann::floats,
    },
    Candidate {
        name: "diskann-b1",
        about: "Vamana in memory, RaBitQ codes of one bit, re-ranked from f16 rows it keeps",
        make: in_diskann::bits,
    },
];

/// Measures one library and prints a line for the parent, or has a child measure each and prints tables.
pub fn run(arguments: &Arguments) -> Result<()> {
    if let Some(only) = &arguments.only {
        let known = CANDIDATES.map(|candidate| candidate.name).join(", ");
        let candidate = CANDIDATES
            .iter()
            .find(|candidate| candidate.name == only)
            .ok_or_else(|| format!("--only {only} is no library; these are: {known}"))?;
        let data = Data::new(
            arguments.rows,
            arguments.dimension,
            arguments.queries,
            arguments.seed,
        );
        println!("{MARK}{}", measure::run(candidate, &Arc::new(data))?);
        return Ok(());
    }
    let mut results = Vec::new();
    for candidate in &CANDIDATES {
        match in_a_process(candidate.name, arguments) {
            Ok(result) => {
                if let Some(path) = &arguments.out {
                    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
                    writeln!(file, "{}", line(&result, arguments))?;
                }
                results.push(result);
            }
            Err(error) => eprintln!("{} could not be measured: {error}", candidate.name),
        }
    }
    print(&results, arguments);
    Ok(())
}

fn line(result: &Value, arguments: &Arguments) -> Value {
    let mut line = result.clone();
    line["bench"] = "vectors".into();
    line["commit"] = commit().into();
    line["rows"] = arguments.rows.into();
    line["dimension"] = arguments.dimension.into();
    line["queries"] = arguments.queries.into();
    line["seed"] = arguments.seed.into();
    line
}

fn commit() -> String {
    let output = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .output();
    output.map_or_else(
        |_| "unknown".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn in_a_process(name: &str, arguments: &Arguments) -> Result<Value> {
    let numbers = [
        ("--rows", arguments.rows.to_string()),
        ("--dimension", arguments.dimension.to_string()),
        ("--queries", arguments.queries.to_string()),
        ("--seed", arguments.seed.to_string()),
    ];
    let output = Command::new(std::env::current_exe()?)
        .args(["--only", name])
        .args(numbers.iter().flat_map(|(word, value)| [*word, value.as_str()]))
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let measured = text.lines().find_map(|line| line.strip_prefix(MARK));
    let measured = measured.ok_or_else(|| format!("its process ended with {}", output.status))?;
    Ok(serde_json::from_str(measured)?)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// What a query costs at the least effort that finds so much; between two efforts what lies between them.
fn cost_at(result: &Value, recall: f64) -> String {
    let empty = Vec::new();
    let curve = result["curve"].as_array().unwrap_or(&empty);
    let mut before: Option<(f64, f64)> = None;
    for point in curve {
        let (found, cost) = (number(&point["recall"]), number(&point["p50_ms"]));
        if found >= recall {
            return match before {
                Some((less, cheaper)) => {
                    let share = (recall - less) / (found - less);
                    format!("{:.2}", cheaper + share * (cost - cheaper))
                }
                None => format!("≤ {cost:.2}"),
            };
        }
        before = Some((found, cost));
    }
    "–".into()
}

fn print(results: &[Value], arguments: &Arguments) {
    let Arguments {
        rows,
        dimension,
        queries,
        seed,
        ..
    } = arguments;
    println!(
        "{rows} × {dimension}, {queries} queries, seed {seed}, commit {}; the processor's time of one thread\n",
        commit()
    );
    println!("| | rows/s built | bytes a row | recall@10, p50 ms at each effort | ms at .95 | ms at .99 |");
    println!("| --- | ---: | ---: | --- | ---: | ---: |");
    for result in results {
        let empty = Vec::new();
        let curve = result["curve"].as_array().unwrap_or(&empty);
        let points: Vec<String> = curve
            .iter()
            .map(|point| {
                let (effort, found) = (&point["effort"], number(&point["recall"]));
                format!("{effort}: {found:.3}, {:.2}", number(&point["p50_ms"]))
            })
            .collect();
        println!(
            "| {} | {:.0} | {:.0} ({}) | {} | {} | {} |",
            text(&result["name"]),
            number(&result["rows_per_second"]),
            number(&result["bytes_a_row"]),
            text(&result["bytes_of"]),
            points.join("; "),
            cost_at(result, 0.95),
            cost_at(result, 0.99),
        );
    }
    println!(
        "\n| | effort | recall before | one in 100 taken out, µs a row | recall after | refilled | came back |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for result in results {
        let removal = &result["removal"];
        let empty = Vec::new();
        let curve = result["curve"].as_array().unwrap_or(&empty);
        let before = curve.iter().find(|point| point["effort"] == result["effort"]);
        println!(
            "| {} | {} | {:.3} | {:.1} | {:.3} | {:.3} | {} |",
            text(&result["name"]),
            result["effort"],
            before.map_or(f64::NAN, |point| number(&point["recall"])),
            number(&removal["us_a_row"]),
            number(&removal["recall"]),
            number(&removal["recall_refilled"]),
            removal["came_back"],
        );
    }
    println!("\n| | rows/s beside | ms alone: p50, p99 | beside: p50, p99 | by the clock: p50, p99 |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for result in results {
        let beside = &result["beside"];
        let both =
            |one: &str, other: &str| format!("{:.2}, {:.2}", number(&beside[one]), number(&beside[other]));
        println!(
            "| {} | {:.0} | {} | {} | {} |",
            text(&result["name"]),
            number(&beside["rows_per_second"]),
            both("alone_p50_ms", "alone_p99_ms"),
            both("p50_ms", "p99_ms"),
            both("wall_p50_ms", "wall_p99_ms"),
        );
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}
