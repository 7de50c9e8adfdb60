//! Ways to score coded rows, each for several instruction sets.

use std::arch::x86_64::*;

use crate::coded::{BLOCK, Coded, GROUP};

/// One way: from a query to the scores of as many rows as there is room for, whole blocks of them.
pub struct Scan {
    /// As the table has it.
    pub name: &'static str,
    /// Whether this processor can.
    pub can: fn() -> bool,
    /// Only where the processor can.
    pub run: fn(&Coded, &[f32], &mut [f32]),
}

fn has_512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx2")
}

/// A scan whose inner function is compiled for some instructions.
macro_rules! scan {
    ($name:literal, $kernel:ident) => {
        Scan {
            name: $name,
            can: || true,
            run: $kernel,
        }
    };
    ($name:literal, $can:expr, $kernel:ident) => {
        Scan {
            name: $name,
            can: || $can,
            // SAFETY: it is run only where the processor was found to have what it was compiled for.
            run: |coded, query, scores| unsafe { $kernel(coded, query, scores) },
        }
    };
}

/// All of them.
pub const SCANS: [Scan; 10] = [
    scan!("byte tables, AVX-512BW", has_512(), tables_512),
    scan!("byte tables, AVX2", is_x86_feature_detected!("avx2"), tables_256),
    scan!("byte tables, plain", tables_plain),
    scan!(
        "Hamming distance, AVX-512 VPOPCNTDQ",
        has_512() && is_x86_feature_detected!("avx512vpopcntdq"),
        hamming_512
    ),
    scan!(
        "Hamming distance, POPCNT",
        is_x86_feature_detected!("popcnt"),
        hamming_words
    ),
    scan!("Hamming distance, plain", hamming_plain),
    scan!("float query · ±1, AVX-512", has_512(), signs_512),
    scan!(
        "float query · ±1, AVX2",
        is_x86_feature_detected!("avx2"),
        signs_256
    ),
    scan!("byte codes, maddubs, AVX-512BW", has_512(), bytes_512),
    scan!(
        "byte codes, maddubs, AVX2",
        is_x86_feature_detected!("avx2"),
        bytes_256
    ),
];

fn product(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(x, y)| x * y).sum()
}

/// For each group of four components the sums that a nibble can stand for, in steps above the least.
struct Table {
    levels: Vec<[u8; GROUP]>,
    step: f32,
    low: f32,
}

impl Table {
    fn new(query: &[f32]) -> Self {
        let widths = query.chunks(4).map(|four| four.iter().map(|x| x.abs()).sum());
        let step = widths.fold(0.0_f32, f32::max) / 255.0;
        let mut low = 0.0;
        let of_four = |four: &[f32]| {
            let least: f32 = four.iter().map(|x| x.min(0.0)).sum();
            low += least;
            std::array::from_fn(|nibble| {
                let set = four.iter().enumerate().filter(|(bit, _)| nibble >> bit & 1 == 1);
                let sum: f32 = set.map(|(_, x)| x).sum();
                ((sum - least) / step + 0.5) as u8
            })
        };
        let levels = query.chunks(4).map(of_four).collect();
        Self { levels, step, low }
    }
}

/// Tables over all blocks: the sum of each row's levels by `sum`, and from it the estimate.
#[inline(always)]
fn tables(
    coded: &Coded,
    query: &[f32],
    scores: &mut [f32],
    sum: impl Fn(&[u8], &[[u8; GROUP]]) -> [u16; BLOCK],
) {
    assert!(
        coded.dimension <= 1024,
        "sums of more than 256 groups do not fit in 16 bits"
    );
    let table = Table::new(query);
    let (scale, total) = (2.0 * table.step, query.iter().sum::<f32>());
    let (offset, along) = (2.0 * table.low - total, product(query, &coded.centre));
    let blocks = coded.nibbles.chunks_exact(coded.dimension / 4 * GROUP);
    let scales = coded
        .factors
        .chunks_exact(BLOCK)
        .zip(coded.shifts.chunks_exact(BLOCK));
    for ((scores, nibbles), (factors, shifts)) in scores.chunks_exact_mut(BLOCK).zip(blocks).zip(scales) {
        let sums = sum(nibbles, &table.levels);
        for row in 0..BLOCK {
            let signs = scale * f32::from(sums[row]) + offset;
            scores[row] = along + (shifts[row] + factors[row] * signs);
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx2")]
fn tables_512(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    tables(coded, query, scores, |codes, levels| sum_512(codes, levels));
}

#[target_feature(enable = "avx2")]
fn tables_256(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    tables(coded, query, scores, |codes, levels| sum_256(codes, levels));
}

fn tables_plain(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    tables(coded, query, scores, |codes, levels| {
        let mut sums = [0; BLOCK];
        for (group, levels) in codes.as_chunks::<GROUP>().0.iter().zip(levels) {
            for (place, byte) in group.iter().enumerate() {
                sums[place] += u16::from(levels[usize::from(byte & 15)]);
                sums[place + GROUP] += u16::from(levels[usize::from(byte >> 4)]);
            }
        }
        sums
    });
}

/// Bytes that were added up in places of two, and the upper of them by themselves: the sums of sixteen rows.
#[target_feature(enable = "avx2")]
fn rows_of(added: __m256i, upper: __m256i) -> [u16; GROUP] {
    let lower = _mm256_sub_epi16(added, _mm256_slli_epi16::<8>(upper));
    let fold = |sums| _mm_add_epi16(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
    let (even, odd) = (fold(lower), fold(upper));
    let rows = [_mm_unpacklo_epi16(even, odd), _mm_unpackhi_epi16(even, odd)];
    // SAFETY: two registers of 16 bytes are sixteen numbers of 2, any bits of which are numbers.
    unsafe { std::mem::transmute(rows) }
}

fn joined(first: [u16; GROUP], second: [u16; GROUP]) -> [u16; BLOCK] {
    let mut sums = [0; BLOCK];
    sums[..GROUP].copy_from_slice(&first);
    sums[GROUP..].copy_from_slice(&second);
    sums
}

#[target_feature(enable = "avx2")]
fn sum_256(codes: &[u8], levels: &[[u8; GROUP]]) -> [u16; BLOCK] {
    let low = _mm256_set1_epi8(15);
    let mut sums = [_mm256_setzero_si256(); 4];
    for (codes, levels) in codes.as_chunks::<32>().0.iter().zip(levels.as_chunks::<2>().0) {
        // SAFETY: both are arrays of 32 bytes.
        let (codes, levels) = unsafe {
            (
                _mm256_loadu_si256(codes.as_ptr().cast()),
                _mm256_loadu_si256(levels.as_ptr().cast()),
            )
        };
        let nibbles = [codes, _mm256_srli_epi16::<4>(codes)];
        for (half, nibbles) in nibbles.into_iter().enumerate() {
            let found = _mm256_shuffle_epi8(levels, _mm256_and_si256(nibbles, low));
            sums[2 * half] = _mm256_add_epi16(sums[2 * half], found);
            sums[2 * half + 1] = _mm256_add_epi16(sums[2 * half + 1], _mm256_srli_epi16::<8>(found));
        }
    }
    joined(rows_of(sums[0], sums[1]), rows_of(sums[2], sums[3]))
}

#[target_feature(enable = "avx512f,avx512bw,avx2")]
fn sum_512(codes: &[u8], levels: &[[u8; GROUP]]) -> [u16; BLOCK] {
    let low = _mm512_set1_epi8(15);
    let mut sums = [_mm512_setzero_si512(); 4];
    for (codes, levels) in codes.as_chunks::<64>().0.iter().zip(levels.as_chunks::<4>().0) {
        // SAFETY: both are arrays of 64 bytes.
        let (codes, levels) = unsafe {
            (
                _mm512_loadu_si512(codes.as_ptr().cast()),
                _mm512_loadu_si512(levels.as_ptr().cast()),
            )
        };
        let nibbles = [codes, _mm512_srli_epi16::<4>(codes)];
        for (half, nibbles) in nibbles.into_iter().enumerate() {
            let found = _mm512_shuffle_epi8(levels, _mm512_and_si512(nibbles, low));
            sums[2 * half] = _mm512_add_epi16(sums[2 * half], found);
            sums[2 * half + 1] = _mm512_add_epi16(sums[2 * half + 1], _mm512_srli_epi16::<8>(found));
        }
    }
    let halves = |sums| _mm256_add_epi16(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64::<1>(sums));
    let [first, first_upper, second, second_upper] = sums;
    joined(
        rows_of(halves(first), halves(first_upper)),
        rows_of(halves(second), halves(second_upper)),
    )
}

fn bits_of(query: &[f32], centre: &[f32]) -> Vec<u64> {
    let mut bits = vec![0; query.len() / 64];
    for (position, (component, centre)) in query.iter().zip(centre).enumerate() {
        bits[position / 64] |= u64::from(component > centre) << (position % 64);
    }
    bits
}

#[inline(always)]
fn hamming(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    let query = bits_of(query, &coded.centre);
    for (score, row) in scores.iter_mut().zip(coded.bits.chunks_exact(query.len())) {
        let differ: u32 = row
            .iter()
            .zip(&query)
            .map(|(row, query)| (row ^ query).count_ones())
            .sum();
        *score = -(differ as f32);
    }
}

#[target_feature(enable = "popcnt")]
fn hamming_words(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    hamming(coded, query, scores);
}

fn hamming_plain(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    hamming(coded, query, scores);
}

#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq,avx2")]
fn hamming_512(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    let query = bits_of(query, &coded.centre);
    let (whole, rest) = query.as_chunks::<8>();
    let mask = (1_u16 << rest.len()) as u8 - 1;
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    for (score, row) in scores.iter_mut().zip(coded.bits.chunks_exact(query.len())) {
        let (row_whole, row_rest) = row.as_chunks::<8>();
        // SAFETY: words past the end of a row are masked and not read.
        let differ = unsafe {
            let row = _mm512_maskz_loadu_epi64(mask, row_rest.as_ptr().cast());
            _mm512_xor_si512(row, _mm512_loadu_si512(last.as_ptr().cast()))
        };
        let mut sums = _mm512_popcnt_epi64(differ);
        for (row, query) in row_whole.iter().zip(whole) {
            // SAFETY: both are arrays of 64 bytes.
            let differ = unsafe {
                _mm512_xor_si512(
                    _mm512_loadu_si512(row.as_ptr().cast()),
                    _mm512_loadu_si512(query.as_ptr().cast()),
                )
            };
            sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(differ));
        }
        *score = -(_mm512_reduce_add_epi64(sums) as f32);
    }
}

/// The estimate by the sum of the query's components where a row's bits are set.
#[inline(always)]
fn signs(coded: &Coded, query: &[f32], scores: &mut [f32], sum_set: impl Fn(&[u64], &[f32]) -> f32) {
    let (total, along) = (query.iter().sum::<f32>(), product(query, &coded.centre));
    let rows = coded.bits.chunks_exact(coded.dimension / 64);
    for (row, (score, bits)) in scores.iter_mut().zip(rows).enumerate() {
        let along_signs = 2.0 * sum_set(bits, query) - total;
        *score = along + (coded.shifts[row] + coded.factors[row] * along_signs);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx2")]
fn signs_512(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    signs(coded, query, scores, |bits, query| {
        let mut sums = [_mm512_setzero_ps(); 4];
        for (word, query) in bits.iter().zip(query.as_chunks::<64>().0) {
            for (part, sum) in sums.iter_mut().enumerate() {
                // SAFETY: sixteen of 64 floats.
                let query = unsafe { _mm512_loadu_ps(query.as_ptr().add(16 * part)) };
                *sum = _mm512_mask_add_ps(*sum, (word >> (16 * part)) as u16, *sum, query);
            }
        }
        let [a, b, c, d] = sums;
        _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(a, b), _mm512_add_ps(c, d)))
    });
}

#[target_feature(enable = "avx2")]
fn signs_256(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    let places = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    signs(coded, query, scores, |bits, query| {
        let mut sums = [_mm256_setzero_ps(); 8];
        for (word, query) in bits.iter().zip(query.as_chunks::<64>().0) {
            for (part, sum) in sums.iter_mut().enumerate() {
                let byte = _mm256_set1_epi32((word >> (8 * part)) as i32);
                let set = _mm256_cmpeq_epi32(_mm256_and_si256(byte, places), places);
                // SAFETY: eight of 64 floats.
                let query = unsafe { _mm256_loadu_ps(query.as_ptr().add(8 * part)) };
                *sum = _mm256_add_ps(*sum, _mm256_and_ps(query, _mm256_castsi256_ps(set)));
            }
        }
        let mut lanes = [0.0; 8];
        let all = sums
            .into_iter()
            .fold(_mm256_setzero_ps(), |all, sum| _mm256_add_ps(all, sum));
        // SAFETY: eight floats.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), all) };
        lanes.iter().sum()
    });
}

/// A row's bytes times the query's: pairs of 127 · 127 at most, so that no sum of two leaves 16 bits.
#[inline(always)]
fn bytes(coded: &Coded, query: &[f32], scores: &mut [f32], product: impl Fn(&[u8], &[i8]) -> i32) {
    let step = query.iter().fold(0.0_f32, |widest, x| widest.max(x.abs())) / 127.0;
    let query: Vec<i8> = query.iter().map(|x| (x / step).round() as i8).collect();
    let nought = 64 * query.iter().map(|level| i32::from(*level)).sum::<i32>();
    let rows = coded.bytes.chunks_exact(coded.dimension);
    for ((score, row), row_step) in scores.iter_mut().zip(rows).zip(&coded.steps) {
        *score = (product(row, &query) - nought) as f32 * (step * row_step);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx2")]
fn bytes_512(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    let ones = _mm512_set1_epi16(1);
    bytes(coded, query, scores, |row, query| {
        let mut sum = _mm512_setzero_si512();
        for (row, query) in row.as_chunks::<64>().0.iter().zip(query.as_chunks::<64>().0) {
            // SAFETY: both are arrays of 64 bytes.
            let (row, query) = unsafe {
                (
                    _mm512_loadu_si512(row.as_ptr().cast()),
                    _mm512_loadu_si512(query.as_ptr().cast()),
                )
            };
            let pairs = _mm512_maddubs_epi16(row, query);
            sum = _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, ones));
        }
        _mm512_reduce_add_epi32(sum)
    });
}

#[target_feature(enable = "avx2")]
fn bytes_256(coded: &Coded, query: &[f32], scores: &mut [f32]) {
    let ones = _mm256_set1_epi16(1);
    bytes(coded, query, scores, |row, query| {
        let mut sum = _mm256_setzero_si256();
        for (row, query) in row.as_chunks::<32>().0.iter().zip(query.as_chunks::<32>().0) {
            // SAFETY: both are arrays of 32 bytes.
            let (row, query) = unsafe {
                (
                    _mm256_loadu_si256(row.as_ptr().cast()),
                    _mm256_loadu_si256(query.as_ptr().cast()),
                )
            };
            let pairs = _mm256_maddubs_epi16(row, query);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
        }
        let mut lanes = [0; 8];
        // SAFETY: eight numbers of 4 bytes.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sum) };
        lanes.iter().sum()
    });
}
