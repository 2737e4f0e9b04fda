//! How wide words are, guessed without a font: a little too wide rather than too narrow.

use super::theme::LEADING;

/// Width of `text` in pixels at a size.
pub(super) fn width_px(text: &str, size_px: f64) -> f64 {
    text.chars().map(ems).sum::<f64>() * size_px
}

/// Width of one character in ems, after the usual sans-serif fonts.
fn ems(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 0.29,
        'f' | 't' | 'r' | 'I' | ' ' | '(' | ')' | '[' | ']' | '/' | '-' | '*' => 0.37,
        '⁰'..='⁹' | '⁻' | '²' | '³' | '¹' => 0.40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 0.90,
        'A'..='Z' | '−' | '×' | '+' | '=' | '<' | '>' | '±' => 0.68,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' => 0.0,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' => 1.0,
        '0'..='9' => 0.63,
        c if c as u32 >= 0x1_f000 => 1.2,
        _ => 0.60,
    }
}

/// `text` cut to a width, with an ellipsis where something is missing.
pub(super) fn fitted(text: &str, room_px: f64, size_px: f64) -> String {
    if width_px(text, size_px) <= room_px {
        return text.to_owned();
    }
    let mut used = width_px("…", size_px);
    let mut kept = String::new();
    for c in text.chars() {
        used += ems(c) * size_px;
        if used > room_px {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// `text` on as many lines as it takes up to `most`, broken at blanks or between ideographs; the last one is cut to fit.
pub(super) fn wrapped(text: &str, room_px: f64, size_px: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let longer = format!("{line}{piece}");
        if !line.is_empty() && width_px(longer.trim_end(), size_px) > room_px && lines.len() + 1 < most {
            lines.push(line.trim_end().to_owned());
            line = piece.trim_start().to_owned();
        } else {
            line = longer;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines.iter().map(|line| fitted(line, room_px, size_px)).collect()
}

/// What a line may be broken behind: words with their blanks, syllables after hyphens, single ideographs.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (i, c) in text.char_indices() {
        let end = i + c.len_utf8();
        if c == ' ' || c == '-' || c == '_' || ('\u{2e80}'..='\u{d7ff}').contains(&c) {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Height of some lines of text in pixels.
pub(super) fn height_px(lines: usize, size_px: f64) -> f64 {
    lines as f64 * size_px * LEADING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ideographs_are_one_em_wide() {
        assert_eq!(width_px("深度学习", 10.0), 40.0);
    }

    #[test]
    fn long_text_is_cut_to_its_room() {
        let cut = fitted("a very long name of a model", 80.0, 12.0);
        assert!(cut.ends_with('…') && width_px(&cut, 12.0) <= 80.0, "{cut}");
        assert_eq!(fitted("short", 80.0, 12.0), "short");
    }

    #[test]
    fn lines_break_at_blanks_and_between_ideographs() {
        assert_eq!(wrapped("logistic regression", 70.0, 12.0, 2), ["logistic", "regression"]);
        assert_eq!(wrapped("训练样本数量", 40.0, 12.0, 2), ["训练样", "本数量"]);
        assert_eq!(wrapped("", 40.0, 12.0, 2), [""]);
    }
}
