//! What was taken out of a damaged store, and what was not.

use rustc_hash::FxHashSet;

use crate::associations::EdgeKey;
use crate::records::Totals;

/// Faults that are told one by one.
const FAULTS_MAX: usize = 1000;

/// Sources that are lost, of rising numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostSources {
    /// The number of the first in the damaged store.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// Where it came from, as far as that can still be read.
    pub address: Option<String>,
    /// Why.
    pub reason: &'static str,
}

/// What was taken out of a damaged store.
#[derive(Clone, Debug, Default)]
pub struct SalvageReport {
    /// The last transaction of the new store.
    pub transaction: u64,
    /// How much the new store holds.
    pub taken: Totals,
    /// Receipts of forgetting that it has.
    pub receipts: u64,
    /// Sources that could not be taken.
    pub sources_lost: Vec<LostSources>,
    /// Statements of sources that were taken which could not be.
    pub statements_lost: u64,
    /// Pieces of evidence of statements that were taken which could not be.
    pub evidence_lost: u64,
    /// Statements that were taken without the vector that they had.
    pub vectors_lost: u64,
    /// What else could not be read, in words.
    pub faults: Vec<String>,
    /// Whether this is the state before the last commit.
    pub older: bool,
}

impl SalvageReport {
    /// Whether all was taken that the damaged store had learned and not forgotten.
    pub fn is_whole(&self) -> bool {
        let counted = self.statements_lost + self.evidence_lost + self.vectors_lost;
        self.sources_lost.is_empty() && counted == 0 && self.faults.is_empty() && !self.older
    }
}

/// What was met that could not be taken.
#[derive(Debug, Default)]
pub struct Losses {
    pub sources: Vec<LostSources>,
    pub statements: FxHashSet<u64>,
    pub evidence: FxHashSet<(EdgeKey, u64)>,
    pub vectors: FxHashSet<u64>,
    faults: Vec<String>,
    untold: u64,
}

impl Losses {
    /// A source is lost.
    pub fn source(&mut self, id: u64, address: Option<String>, reason: &'static str) {
        self.sources.push(LostSources {
            first: id,
            last: id,
            address,
            reason,
        });
    }

    pub fn fault(&mut self, fault: String) {
        match self.faults.len() < FAULTS_MAX {
            true => self.faults.push(fault),
            false => self.untold += 1,
        }
    }

    /// Sources by number, those in a row that are told alike as one.
    pub fn told(mut self, report: &mut SalvageReport) {
        self.sources.sort_by_key(|lost| lost.first);
        for lost in self.sources {
            match report.sources_lost.last_mut() {
                Some(last)
                    if last.last + 1 == lost.first
                        && last.address.is_none()
                        && lost.address.is_none()
                        && last.reason == lost.reason =>
                {
                    last.last = lost.last;
                }
                _ => report.sources_lost.push(lost),
            }
        }
        report.statements_lost = self.statements.len() as u64;
        report.evidence_lost = self.evidence.len() as u64;
        report.vectors_lost = self.vectors.len() as u64;
        report.faults.append(&mut self.faults);
        if self.untold > 0 {
            report.faults.push(format!("{} more of these", self.untold));
        }
    }
}
