//! A vector as a column has it.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// A vector (float32, any length but zero) as it is stored: of unit length, as the bits of half-precision numbers.
pub fn stored(vector: &[f32]) -> Vec<u16> {
    let mut values = vec![f16::ZERO; vector.len()];
    values.convert_from_f32_slice(&unit(vector));
    values.into_iter().map(f16::to_bits).collect()
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let norm = vector
        .iter()
        .map(|x| f64::from(*x) * f64::from(*x))
        .sum::<f64>()
        .sqrt();
    vector.iter().map(|x| (f64::from(*x) / norm) as f32).collect()
}
