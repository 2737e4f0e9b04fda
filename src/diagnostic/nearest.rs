//! The word that was probably meant.

/// The candidate nearest to `word`, if one is near enough to be a likely slip; the first of equals.
///
/// Case and the difference between `-` and `_` count for nothing. One edit in three characters is near enough, and a
/// swap of neighbours is one edit; so is a candidate that `word` begins, or that begins `word`, from three characters on.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Nobody's name is that long, and the distance takes quadratic time.
    if word.len() > 200 {
        return None;
    }
    let plain = |s: &str| s.to_lowercase().replace('_', "-");
    let word = plain(word);
    let length = word.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = plain(candidate);
        let longer = length.max(other.chars().count());
        let begins = length.min(other.len()) >= 3 && (other.starts_with(&word) || word.starts_with(&other));
        let distance = strsim::osa_distance(&word, &other);
        if (distance * 3 <= longer || begins) && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A hint after an unknown word: the nearest of `names`, or all of them.
pub fn did_you_mean(word: &str, names: &[&str]) -> String {
    match nearest(word, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => "there are none yet".to_owned(),
        None => {
            let names: Vec<_> = names.iter().map(|n| format!("`{n}`")).collect();
            format!("there are {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn likely_slips_are_found_and_unlike_words_are_not() {
        let check = |word: &str, expected: Option<&str>| {
            let names = ["models", "measure", "x-scale", "seeds", "lr", "experiment", "of", "数据"];
            assert_eq!(nearest(word, names), expected, "{word}");
        };
        check("modles", Some("models"));
        check("model", Some("models"));
        check("x_scale", Some("x-scale"));
        check("Seeds", Some("seeds"));
        check("measures", Some("measure"));
        check("exp", Some("experiment"));
        check("experimentt", Some("experiment"));
        check("banana", None);
        check("x", None);
        check("", None);
        check(&"m".repeat(1000), None);
    }
}
