//! Counts that a store keeps of its rows: one that would fall below zero was damaged.

use std::path::Path;

use sutra_model::{Error, Result};

/// Takes so many from a count of `what`.
///
/// # Errors
/// [`Error::Corrupt`] when it is less.
pub fn less<T: Copy + Into<u64> + TryFrom<u64>>(
    count: &mut T,
    by: u64,
    what: &str,
    path: &Path,
) -> Result<()> {
    let counted: u64 = (*count).into();
    let left = counted.checked_sub(by).and_then(|left| T::try_from(left).ok());
    *count = left.ok_or_else(|| Error::Corrupt {
        path: path.to_owned(),
        detail: format!("it counts {counted} {what}, and there are more"),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_is_too_low_is_damage_and_stays() {
        let (mut count, path) = (3_u32, Path::new("storage.dat"));
        less(&mut count, 2, "entities", path).unwrap();
        let error = less(&mut count, 2, "entities", path).unwrap_err();
        assert_eq!((count, error.code()), (1, "store_corrupt"));
        assert!(error.to_string().contains("it counts 1 entities"), "{error}");
    }
}
