//! The inner loops: codes against a query's table, floats against floats and halves.
//!
//! Each is compiled for several instruction sets, and the best that the processor turns out to have is taken when the
//! program runs. All of them add in the same order, without fused operations, so that every processor gives the same
//! scores to the last bit.

use half::f16;

use crate::codes::{BLOCK_ROWS, Scales};

/// Bytes of the codes of a group of components of a block: two rows in a byte.
pub(crate) const GROUP_BYTES: usize = 16;
/// Groups whose levels add up in 16 bits.
const GROUPS_AT_ONCE: usize = 256;
/// Bytes that a processor reads at once.
#[cfg(target_arch = "x86_64")]
const LINE_BYTES: usize = 64;
/// Partial sums of a dot product.
const PARTIAL_SUMS: usize = 32;

/// Compiles a function for several instruction sets and calls the best that is there.
macro_rules! for_this_processor {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident = $body:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?) => {
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn with_512_bits($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                #[target_feature(enable = "avx2")]
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

/// Asks for what will be read soon, as far as the processor can be asked.
#[inline]
pub(crate) fn fetch<T>(soon: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let bytes = soon.as_ptr_range();
        let mut at = bytes.start.cast::<i8>();
        while at < bytes.end.cast() {
            // SAFETY: it is asked for memory that is there; and whatever is asked for, nothing is read.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(at) };
            at = at.wrapping_add(LINE_BYTES);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = soon;
}

/// Adds up, for each row of a block, the levels that the query's table has for its nibbles.
///
/// `codes` has [`GROUP_BYTES`] for each of `levels`: the byte at place i of a group holds row i in its lower half and row
/// i + 16 in the upper one. There is a multiple of four groups.
pub(crate) fn sum_levels(codes: &[u8], levels: &[[u8; GROUP_BYTES]], sums: &mut [u32; BLOCK_ROWS]) {
    assert_eq!(
        codes.len(),
        levels.len() * GROUP_BYTES,
        "the table is of another dimension"
    );
    let parts = codes.chunks(GROUPS_AT_ONCE * GROUP_BYTES);
    for (codes, levels) in parts.zip(levels.chunks(GROUPS_AT_ONCE)) {
        let part = sum_some(codes, levels);
        for (sum, more) in sums.iter_mut().zip(part) {
            *sum += u32::from(more);
        }
    }
}

/// The same for at most [`GROUPS_AT_ONCE`] groups.
fn sum_some(codes: &[u8], levels: &[[u8; GROUP_BYTES]]) -> [u16; BLOCK_ROWS] {
    #[cfg(target_arch = "x86_64")]
    match x86::width() {
        // SAFETY: the processor was found to have every feature that the function was compiled for.
        x86::Width::Bits512 => return unsafe { x86::sum_with_512_bits(codes, levels) },
        // SAFETY: as above.
        x86::Width::Bits256 => return unsafe { x86::sum_with_256_bits(codes, levels) },
        x86::Width::Bits128 => {}
    }
    #[cfg(target_arch = "aarch64")]
    return neon::sum(codes, levels);
    #[cfg(not(target_arch = "aarch64"))]
    sum_plainly(codes, levels)
}

#[cfg(any(test, not(target_arch = "aarch64")))]
fn sum_plainly(codes: &[u8], levels: &[[u8; GROUP_BYTES]]) -> [u16; BLOCK_ROWS] {
    let mut sums = [0; BLOCK_ROWS];
    for (group, levels) in codes.as_chunks::<GROUP_BYTES>().0.iter().zip(levels) {
        for (place, byte) in group.iter().enumerate() {
            sums[place] += u16::from(levels[usize::from(byte & 15)]);
            sums[place + GROUP_BYTES] += u16::from(levels[usize::from(byte >> 4)]);
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::sync::LazyLock;

    use super::{BLOCK_ROWS, GROUP_BYTES};

    #[derive(Clone, Copy, Debug, PartialEq)]
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
        {
            Width::Bits512
        } else if is_x86_feature_detected!("avx2") {
            Width::Bits256
        } else {
            Width::Bits128
        }
    });

    pub fn width() -> Width {
        *WIDTH
    }

    /// How the processor counts bits.
    #[derive(Clone, Copy)]
    pub enum Counting {
        Lanes,
        Words,
        Bits,
    }

    static COUNTING: LazyLock<Counting> = LazyLock::new(|| {
        if *WIDTH == Width::Bits512 && is_x86_feature_detected!("avx512vpopcntdq") {
            Counting::Lanes
        } else if is_x86_feature_detected!("popcnt") {
            Counting::Words
        } else {
            Counting::Bits
        }
    });

    pub fn counting() -> Counting {
        *COUNTING
    }

    /// Sums of bytes in places of two bytes: what was added up, and what of it was added to the upper bytes. Each is
    /// exact, for a sum of 256 bytes is under 2^16.
    #[target_feature(enable = "avx2")]
    fn rows_of(added: __m256i, upper: __m256i) -> [u16; GROUP_BYTES] {
        let lower = _mm256_sub_epi16(added, _mm256_slli_epi16::<8>(upper));
        let fold = |sums| {
            let halves = (_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
            _mm_add_epi16(halves.0, halves.1)
        };
        let (even, odd) = (fold(lower), fold(upper));
        let rows = [_mm_unpacklo_epi16(even, odd), _mm_unpackhi_epi16(even, odd)];
        // SAFETY: two registers of 16 bytes are sixteen numbers of 2, any bits of which are numbers.
        unsafe { std::mem::transmute(rows) }
    }

    #[target_feature(enable = "avx2")]
    pub fn sum_with_256_bits(codes: &[u8], levels: &[[u8; GROUP_BYTES]]) -> [u16; BLOCK_ROWS] {
        let low = _mm256_set1_epi8(15);
        let (mut first, mut first_upper) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        let (mut second, mut second_upper) = (first, first);
        let codes = codes.as_chunks::<32>().0;
        for (codes, levels) in codes.iter().zip(levels.as_chunks::<2>().0) {
            // SAFETY: both are arrays of 32 bytes.
            let (codes, levels) = unsafe {
                (
                    _mm256_loadu_si256(codes.as_ptr().cast()),
                    _mm256_loadu_si256(levels.as_ptr().cast()),
                )
            };
            let nibbles = _mm256_and_si256(codes, low);
            let found = _mm256_shuffle_epi8(levels, nibbles);
            first = _mm256_add_epi16(first, found);
            first_upper = _mm256_add_epi16(first_upper, _mm256_srli_epi16::<8>(found));
            let nibbles = _mm256_and_si256(_mm256_srli_epi16::<4>(codes), low);
            let found = _mm256_shuffle_epi8(levels, nibbles);
            second = _mm256_add_epi16(second, found);
            second_upper = _mm256_add_epi16(second_upper, _mm256_srli_epi16::<8>(found));
        }
        let mut sums = [0; BLOCK_ROWS];
        sums[..GROUP_BYTES].copy_from_slice(&rows_of(first, first_upper));
        sums[GROUP_BYTES..].copy_from_slice(&rows_of(second, second_upper));
        sums
    }

    #[target_feature(enable = "avx2,avx512f,avx512bw")]
    pub fn sum_with_512_bits(codes: &[u8], levels: &[[u8; GROUP_BYTES]]) -> [u16; BLOCK_ROWS] {
        let low = _mm512_set1_epi8(15);
        let (mut first, mut first_upper) = (_mm512_setzero_si512(), _mm512_setzero_si512());
        let (mut second, mut second_upper) = (first, first);
        let codes = codes.as_chunks::<64>().0;
        for (codes, levels) in codes.iter().zip(levels.as_chunks::<4>().0) {
            // SAFETY: both are arrays of 64 bytes.
            let (codes, levels) = unsafe {
                (
                    _mm512_loadu_si512(codes.as_ptr().cast()),
                    _mm512_loadu_si512(levels.as_ptr().cast()),
                )
            };
            let nibbles = _mm512_and_si512(codes, low);
            let found = _mm512_shuffle_epi8(levels, nibbles);
            first = _mm512_add_epi16(first, found);
            first_upper = _mm512_add_epi16(first_upper, _mm512_srli_epi16::<8>(found));
            let nibbles = _mm512_and_si512(_mm512_srli_epi16::<4>(codes), low);
            let found = _mm512_shuffle_epi8(levels, nibbles);
            second = _mm512_add_epi16(second, found);
            second_upper = _mm512_add_epi16(second_upper, _mm512_srli_epi16::<8>(found));
        }
        let halves =
            |sums| _mm256_add_epi16(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64::<1>(sums));
        let mut sums = [0; BLOCK_ROWS];
        sums[..GROUP_BYTES].copy_from_slice(&rows_of(halves(first), halves(first_upper)));
        sums[GROUP_BYTES..].copy_from_slice(&rows_of(halves(second), halves(second_upper)));
        sums
    }
}

#[cfg(target_arch = "aarch64")]
mod neon {
    use std::arch::aarch64::*;

    use super::{BLOCK_ROWS, GROUP_BYTES};

    /// Every processor of this architecture that the standard library runs on has what it needs.
    pub fn sum(codes: &[u8], levels: &[[u8; GROUP_BYTES]]) -> [u16; BLOCK_ROWS] {
        let mut sums = [0; BLOCK_ROWS];
        // SAFETY: loads and stores stay within arrays of their length.
        unsafe {
            let mut rows = [vdupq_n_u16(0); 4];
            for (codes, levels) in codes.as_chunks::<GROUP_BYTES>().0.iter().zip(levels) {
                let (codes, levels) = (vld1q_u8(codes.as_ptr()), vld1q_u8(levels.as_ptr()));
                let first = vqtbl1q_u8(levels, vandq_u8(codes, vdupq_n_u8(15)));
                let second = vqtbl1q_u8(levels, vshrq_n_u8::<4>(codes));
                rows[0] = vaddw_u8(rows[0], vget_low_u8(first));
                rows[1] = vaddw_high_u8(rows[1], first);
                rows[2] = vaddw_u8(rows[2], vget_low_u8(second));
                rows[3] = vaddw_high_u8(rows[3], second);
            }
            for (part, rows) in sums.as_chunks_mut::<8>().0.iter_mut().zip(rows) {
                vst1q_u16(part.as_mut_ptr(), rows);
            }
        }
        sums
    }
}

/// Bits to which a component of a query is rounded where codes of single rows are read.
pub(crate) const PLANES: usize = 4;

/// How many bits of a code are set, and Σ 2^p · |code ∧ plane p|: the sum of the query's levels where they are.
pub(crate) fn sum_planes(code: &[u64], planes: &[[u64; PLANES]]) -> (u32, u32) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")]
        fn with_512_bits(code: &[u64], planes: &[[u64; PLANES]]) -> (u32, u32) {
            sum_planes_body(code, planes)
        }
        #[target_feature(enable = "popcnt")]
        fn with_counts(code: &[u64], planes: &[[u64; PLANES]]) -> (u32, u32) {
            sum_planes_body(code, planes)
        }
        // SAFETY: the processor was found to have every feature that the function was compiled for.
        match x86::counting() {
            x86::Counting::Lanes => return unsafe { with_512_bits(code, planes) },
            x86::Counting::Words => return unsafe { with_counts(code, planes) },
            x86::Counting::Bits => {}
        }
    }
    sum_planes_body(code, planes)
}

#[inline(always)]
fn sum_planes_body(code: &[u64], planes: &[[u64; PLANES]]) -> (u32, u32) {
    let mut set = 0;
    let mut counts = [0; PLANES];
    for (word, planes) in code.iter().zip(planes) {
        set += word.count_ones();
        for (count, plane) in counts.iter_mut().zip(planes) {
            *count += (word & plane).count_ones();
        }
    }
    let levels = counts
        .iter()
        .enumerate()
        .map(|(plane, count)| count << plane)
        .sum();
    (set, levels)
}

for_this_processor! {
    /// For each row of a block f · (scale · sum + offset) + s + along, with f and s those of the row.
    pub(crate) fn estimate_block = estimate_block_body(
        sums: &[u32; BLOCK_ROWS], scale: f32, offset: f32, along: f32, scales: &Scales, estimates: &mut [f32; BLOCK_ROWS]
    )
}

#[inline(always)]
fn estimate_block_body(
    sums: &[u32; BLOCK_ROWS],
    scale: f32,
    offset: f32,
    along: f32,
    scales: &Scales,
    estimates: &mut [f32; BLOCK_ROWS],
) {
    for row in 0..BLOCK_ROWS {
        let along_signs = scale * sums[row] as i32 as f32 + offset;
        estimates[row] = along + (scales.shifts[row] + scales.factors[row] * along_signs);
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
    folded(sums)
}

for_this_processor! {
    /// The dot product of two vectors of the same number of components.
    pub(crate) fn dot_floats = dot_floats_body(left: &[f32], right: &[f32]) -> f32
}

#[inline(always)]
fn dot_floats_body(left: &[f32], right: &[f32]) -> f32 {
    assert_eq!(left.len(), right.len(), "two vectors have different dimensions");
    let mut sums = [0.0_f32; PARTIAL_SUMS];
    let (left_chunks, left_rest) = left.as_chunks::<PARTIAL_SUMS>();
    let (right_chunks, right_rest) = right.as_chunks::<PARTIAL_SUMS>();
    for (left, right) in left_chunks.iter().zip(right_chunks) {
        for lane in 0..PARTIAL_SUMS {
            sums[lane] += left[lane] * right[lane];
        }
    }
    for (lane, (left, right)) in left_rest.iter().zip(right_rest).enumerate() {
        sums[lane] += left * right;
    }
    folded(sums)
}

#[inline(always)]
fn folded(mut sums: [f32; PARTIAL_SUMS]) -> f32 {
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
            let floats: Vec<f32> = row.iter().map(|half| half.to_f32()).collect();
            assert_eq!(
                dot_floats(&query, &floats).to_bits(),
                dot_floats_body(&query, &floats).to_bits()
            );
        }
    }

    #[test]
    fn every_width_adds_up_the_same_levels() {
        let byte = |i: usize| ((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
        for groups in [4, 8, 96, 192, 256] {
            let codes: Vec<u8> = (0..groups * GROUP_BYTES).map(byte).collect();
            for levels in [
                (0..groups)
                    .map(|i| std::array::from_fn(|at| byte(77 + i * GROUP_BYTES + at)))
                    .collect(),
                vec![[u8::MAX; GROUP_BYTES]; groups],
            ] {
                let plain = sum_plainly(&codes, &levels);
                assert_eq!(sum_some(&codes, &levels), plain);
                #[cfg(target_arch = "x86_64")]
                if x86::width() != x86::Width::Bits128 {
                    // SAFETY: the processor has AVX2.
                    assert_eq!(unsafe { x86::sum_with_256_bits(&codes, &levels) }, plain);
                }
            }
        }
        let mut sums = [0; BLOCK_ROWS];
        sum_levels(
            &[0xff; 1024 * GROUP_BYTES],
            &[[200; GROUP_BYTES]; 1024],
            &mut sums,
        );
        assert_eq!(sums, [1024 * 200; BLOCK_ROWS]);
    }
}
