//! The two inner loops: bits against bit planes, floats against halves.
//!
//! Each is written once, in plain Rust over fixed arrays, and compiled for the widest vectors that the processor
//! turns out to have when the program runs. All builds add in the same order, without fused operations, so that
//! every processor gives the same scores to the last bit.

use half::f16;

/// Rows whose codes lie side by side, word by word.
pub(crate) const LANES: usize = 8;
/// Bits to which a component of the query is rounded.
pub(crate) const PLANES: usize = 4;
/// Partial sums of a dot product.
const PARTIAL_SUMS: usize = 32;

/// Compiles a function for several instruction sets and calls the best that is there.
macro_rules! for_this_processor {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident = $body:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?) => {
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")]
                fn with_512_bits($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                #[target_feature(enable = "avx2,popcnt")]
                fn with_256_bits($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                match x86::width() {
                    // SAFETY: the processor was found to have every feature that the function was compiled for.
                    x86::Width::Bits512 => return unsafe { with_512_bits($($argument),*) },
                    // SAFETY: as above.
                    x86::Width::Bits256 => return unsafe { with_256_bits($($argument),*) },
                    x86::Width::Bits128 => {}
                }
            }
            $body($($argument),*)
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::sync::LazyLock;

    #[derive(Clone, Copy)]
    pub enum Width {
        Bits512,
        Bits256,
        Bits128,
    }

    static WIDTH: LazyLock<Width> = LazyLock::new(|| {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vpopcntdq")
        {
            Width::Bits512
        } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
            Width::Bits256
        } else {
            Width::Bits128
        }
    });

    pub fn width() -> Width {
        *WIDTH
    }
}

for_this_processor! {
    /// For each row, Σ 2^p · |code ∧ plane p|: the sum of the query's rounded components where the row's bit is set.
    ///
    /// `codes` has `planes.len()` groups of words for every block of [`LANES`] rows; `sums` has the blocks.
    pub(crate) fn sum_where_set = sum_where_set_body(
        codes: &[[u64; LANES]], planes: &[[u64; PLANES]], sums: &mut [[u32; LANES]]
    )
}

#[inline(always)]
fn sum_where_set_body(codes: &[[u64; LANES]], planes: &[[u64; PLANES]], sums: &mut [[u32; LANES]]) {
    for (block, sum) in codes.chunks_exact(planes.len()).zip(sums) {
        *sum = [0; LANES];
        for plane in 0..PLANES {
            let mut counts = [0_u64; LANES];
            for (words, plane_words) in block.iter().zip(planes) {
                for lane in 0..LANES {
                    counts[lane] += u64::from((words[lane] & plane_words[plane]).count_ones());
                }
            }
            for lane in 0..LANES {
                sum[lane] += (counts[lane] as u32) << plane;
            }
        }
    }
}

for_this_processor! {
    /// The dot product of a query and a stored row, which have the same number of components, all finite.
    pub fn dot = dot_body(query: &[f32], row: &[f16]) -> f32
}

#[inline(always)]
fn dot_body(query: &[f32], row: &[f16]) -> f32 {
    assert_eq!(query.len(), row.len(), "query and row have different dimensions");
    let mut sums = [0.0_f32; PARTIAL_SUMS];
    let (query_chunks, query_rest) = query.as_chunks::<PARTIAL_SUMS>();
    let (row_chunks, row_rest) = row.as_chunks::<PARTIAL_SUMS>();
    for (left, right) in query_chunks.iter().zip(row_chunks) {
        for lane in 0..PARTIAL_SUMS {
            sums[lane] += left[lane] * widen(right[lane]);
        }
    }
    for (lane, (left, right)) in query_rest.iter().zip(row_rest).enumerate() {
        sums[lane] += left * widen(*right);
    }
    let mut width = PARTIAL_SUMS / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

for_this_processor! {
    /// Writes a stored row as floats.
    pub(crate) fn widen_row = widen_row_body(row: &[f16], floats: &mut [f32])
}

#[inline(always)]
fn widen_row_body(row: &[f16], floats: &mut [f32]) {
    assert_eq!(
        row.len(),
        floats.len(),
        "a row does not have the dimension of its index"
    );
    for (float, &half) in floats.iter_mut().zip(row) {
        *float = widen(half);
    }
}

/// Exact for every finite half: the bits are moved into place, and the exponent's bias is mended by a product.
#[inline(always)]
fn widen(half: f16) -> f32 {
    const BIAS: f32 = f32::from_bits((127 + 112) << 23);
    let bits = u32::from(half.to_bits());
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * BIAS;
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_half_widens_exactly() {
        for bits in 0..=u16::MAX {
            let half = f16::from_bits(bits);
            if half.is_finite() {
                assert_eq!(widen(half).to_bits(), half.to_f32().to_bits());
            }
        }
    }

    #[test]
    fn every_width_gives_the_same_bits() {
        for dimension in [1, 31, 32, 33, 100, 384, 768] {
            let query: Vec<f32> = (0..dimension).map(|i| (i as f32 * 0.37).sin()).collect();
            let row: Vec<f16> = (0..dimension)
                .map(|i| f16::from_f32((i as f32 * 0.11).cos()))
                .collect();
            assert_eq!(dot(&query, &row).to_bits(), dot_body(&query, &row).to_bits());
        }
        let word = |i: usize| (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let codes: Vec<[u64; LANES]> = (0..15)
            .map(|i| std::array::from_fn(|lane| word(i * LANES + lane)))
            .collect();
        let planes: Vec<[u64; PLANES]> = (0..5)
            .map(|i| std::array::from_fn(|p| word(1000 + i * PLANES + p)))
            .collect();
        let (mut fast, mut plain) = ([[0; LANES]; 3], [[0; LANES]; 3]);
        sum_where_set(&codes, &planes, &mut fast);
        sum_where_set_body(&codes, &planes, &mut plain);
        assert_eq!(fast, plain);
    }
}
