//! Aliases in brackets: does `IBM` stand for `International Business Machines`?

/// Whether the letters of `short` are, in order, initials of `long` or follow one in its word.
///
/// The rule of Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text"
/// (PSB 2003), read from the right: each letter must be found, and the first one must begin a word.
pub(crate) fn is_acronym_of(short: &str, long: &str) -> bool {
    let letters: Vec<char> = short
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if letters.len() < 2 || letters.len() > 10 || !short.chars().any(char::is_uppercase) {
        return false;
    }
    let long: Vec<char> = long.chars().flat_map(char::to_lowercase).collect();
    if long.len() <= letters.len() {
        return false;
    }
    let mut at = long.len();
    for (position, letter) in letters.iter().enumerate().rev() {
        loop {
            if at == 0 {
                return false;
            }
            at -= 1;
            let begins_word = at == 0 || !long[at - 1].is_alphanumeric();
            if long[at] == *letter && (position > 0 || begins_word) {
                break;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_acronym_of;

    #[test]
    fn initials_stand_for_their_name_and_other_letters_do_not() {
        assert!(is_acronym_of("IBM", "International Business Machines"));
        assert!(is_acronym_of(
            "AACSB",
            "Association to Advance Collegiate Schools of Business"
        ));
        assert!(!is_acronym_of("IBM", "General Electric"));
        assert!(!is_acronym_of("III", "Napoleon"));
        assert!(!is_acronym_of("NATO", "NATO"));
    }
}
