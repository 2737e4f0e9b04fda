//! Formulas in LaTeX → MathML Core, the markup for mathematics that browsers and e-readers draw by themselves.
//!
//! Typesetting is `math-core`'s. Here stands what a book needs around it: faults with their place in the formula and a
//! hint, bounds on what anybody may write, and the environments that would number their lines by themselves.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::thread;

use math_core::{LatexError, LatexToMathML, MathCoreConfig, MathDisplay};

use crate::diagnostic::nearest;

/// The longest formula, in bytes.
const LONGEST: usize = 10_000;
/// Formulas up to this length nest so little that every thread's stack takes them.
const SHORT: usize = 250;
/// Enough stack for the longest formula, were it of nothing but opening braces: those take less than 4 KiB each.
const STACK_BYTES: usize = 128 << 20;

/// Environments that number their lines, and those that do the same without.
const NUMBERING: [(&str, &str); 5] = [
    ("align", "aligned"),
    ("equation", "aligned"),
    ("gather", "gathered"),
    ("multline", "gathered"),
    ("eqnarray", "aligned"),
];

/// Commands that refer to numbered lines, or number them.
const REFERRING: [&str; 4] = ["label", "ref", "eqref", "tag"];

/// Commands that authors write most, for hints.
const COMMON: [&str; 66] = [
    "alpha",
    "approx",
    "argmax",
    "bar",
    "begin",
    "beta",
    "binom",
    "boldsymbol",
    "cdot",
    "cdots",
    "chi",
    "delta",
    "dfrac",
    "dots",
    "ell",
    "end",
    "epsilon",
    "equiv",
    "eta",
    "exp",
    "forall",
    "frac",
    "gamma",
    "geq",
    "hat",
    "infty",
    "int",
    "lambda",
    "langle",
    "ldots",
    "left",
    "leq",
    "lim",
    "limits",
    "log",
    "mathbb",
    "mathbf",
    "mathcal",
    "mathrm",
    "max",
    "min",
    "mu",
    "nabla",
    "neq",
    "omega",
    "operatorname",
    "overline",
    "partial",
    "phi",
    "pi",
    "prod",
    "propto",
    "quad",
    "rangle",
    "rho",
    "right",
    "rightarrow",
    "sigma",
    "sqrt",
    "sum",
    "tau",
    "text",
    "theta",
    "tilde",
    "times",
    "vec",
];

/// How a formula stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// In the line: `$…$`.
    Inline,
    /// On its own: `$$…$$`.
    Block,
}

/// Why a formula cannot be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, in bytes of the formula; within it, and on the boundaries of characters.
    pub range: Range<usize>,
    /// One sentence without its full stop.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// Sets a formula: a `<math>` element.
///
/// # Errors
/// If it is no LaTeX that can be set.
pub fn to_mathml(source: &str, display: Display) -> Result<String, Fault> {
    if source.len() > LONGEST {
        let message = format!("this formula has {} bytes, beyond the limit of {LONGEST}", source.len());
        return Err(Fault { range: 0..0, message, hint: Some("is its closing `$` missing?".to_owned()) });
    }
    if let Some(fault) = numbers_itself(source) {
        return Err(fault);
    }
    // The converter calls itself for every group within a group.
    if source.len() <= SHORT {
        return convert(source, display);
    }
    thread::scope(|scope| {
        let deep = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || convert(source, display));
        deep.map_or_else(|_| Err(beyond_us(source)), |thread| thread.join().unwrap_or_else(|_| Err(beyond_us(source))))
    })
}

fn convert(source: &str, display: Display) -> Result<String, Fault> {
    static CONVERTER: LazyLock<LatexToMathML> = LazyLock::new(|| {
        LatexToMathML::new(MathCoreConfig::default()).expect("there are no macros that could be wrong")
    });
    let display = match display {
        Display::Inline => MathDisplay::Inline,
        Display::Block => MathDisplay::Block,
    };
    // None is known that makes it panic; a book must not end by one all the same.
    let converted = catch_unwind(AssertUnwindSafe(|| CONVERTER.convert_with_local_state(source, display)));
    match converted {
        Ok(Ok(result)) => Ok(without_levels(&result.mathml)),
        Ok(Err(error)) => Err(fault(source, &error)),
        Err(_) => Err(beyond_us(source)),
    }
}

/// MathML Core has a level of scripts on tables; MathML 3, which checkers and EPUB go by, does not.
fn without_levels(mathml: &str) -> String {
    let mut tables = mathml.split("<mtable");
    let mut text = tables.next().unwrap_or_default().to_owned();
    for (tag, rest) in tables.filter_map(|table| table.split_once('>')) {
        let kept: Vec<&str> = tag.split(' ').filter(|attribute| !attribute.starts_with("scriptlevel=")).collect();
        text += &format!("<mtable{}>{rest}", kept.join(" "));
    }
    text
}

/// The converter's error in our words.
fn fault(source: &str, error: &LatexError) -> Fault {
    let message = error.error_message();
    let message = message.trim_end_matches('.').replace('"', "`");
    let mut chars = message.chars();
    let first = chars.next().map_or(String::new(), |c| c.to_lowercase().to_string());
    let range = within(source, error.0.clone());
    let command = source[range.clone()].strip_prefix('\\').filter(|name| !COMMON.contains(name));
    let meant = command.filter(|name| name.len() > 2).and_then(|name| nearest(name, COMMON));
    Fault { range, message: first + chars.as_str(), hint: meant.map(|name| format!("did you mean `\\{name}`?")) }
}

fn beyond_us(source: &str) -> Fault {
    let message = "this formula cannot be set".to_owned();
    Fault { range: 0..source.len(), message, hint: Some("try a simpler form of it".to_owned()) }
}

/// A range of whole characters that lies in the formula.
fn within(source: &str, range: Range<usize>) -> Range<usize> {
    let start = source.floor_char_boundary(range.start);
    start..source.ceil_char_boundary(range.end).max(start)
}

/// The book numbers its equations; what would number or name lines by itself has no place there.
fn numbers_itself(source: &str) -> Option<Fault> {
    let commands = source.match_indices('\\').filter_map(|(at, _)| {
        let name = source[at + 1..].split(|c: char| !c.is_ascii_alphabetic()).next()?;
        Some((at, name))
    });
    commands.into_iter().find_map(|(at, name)| {
        if REFERRING.contains(&name) {
            let hint = "label the whole formula, `$$ … $$ {#eq-name}`, and refer to it in the text by `@eq-name`";
            let message = format!("`\\{name}` has no place in a formula: the book numbers its equations");
            return Some(Fault { range: at..at + 1 + name.len(), message, hint: Some(hint.to_owned()) });
        }
        let environment = source[at..].strip_prefix("\\begin{")?.split('}').next()?;
        let (_, plain) = NUMBERING.iter().find(|(numbering, _)| *numbering == environment)?;
        let message = format!("`{environment}` numbers its lines by itself, and the book numbers its equations");
        let hint = format!("write `{plain}`; to number it, `$$ … $$ {{#eq-name}}`");
        let start = at + "\\begin{".len();
        Some(Fault { range: start..start + environment.len(), message, hint: Some(hint) })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_become_mathml() {
        let check = |source, expected: &str| {
            assert_eq!(to_mathml(source, Display::Inline).unwrap(), format!("<math>{expected}</math>"));
        };
        check("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>");
        check(r"\frac{1}{m}", "<mfrac><mn>1</mn><mi>m</mi></mfrac>");
        check(r"\text{</math><script>}", "<mtext>&lt;/math&gt;&lt;script&gt;</mtext>");
        assert!(to_mathml("x", Display::Block).unwrap().starts_with("<math display=\"block\">"));
    }

    #[test]
    fn faults_have_their_place_and_a_hint() {
        let check = |source: &str, place: &str, message: &str, hint: Option<&str>| {
            let fault = to_mathml(source, Display::Block).unwrap_err();
            assert_eq!(&source[fault.range.clone()], place, "{source}");
            assert_eq!((fault.message.as_str(), fault.hint.as_deref()), (message, hint), "{source}");
        };
        check(r"1 + \fracc{1}{2}", r"\fracc", r"unknown command `\fracc`", Some(r"did you mean `\frac`?"));
        check(r"中 \banana", r"\banana", r"unknown command `\banana`", None);
        check(r"\frac{1}{2", "", "expected closing token `}`, but reached end of input", None);
        check("x^a^b", "^", "duplicate subscript or superscript", None);
        let hint = "label the whole formula, `$$ … $$ {#eq-name}`, and refer to it in the text by `@eq-name`";
        let message = r"`\eqref` has no place in a formula: the book numbers its equations";
        check(r"x \eqref{a}", r"\eqref", message, Some(hint));
        let message = "`align` numbers its lines by itself, and the book numbers its equations";
        let hint = "write `aligned`; to number it, `$$ … $$ {#eq-name}`";
        check(r"\begin{align} a \end{align}", "align", message, Some(hint));
    }

    #[test]
    fn the_deepest_formula_ends() {
        for (open, close) in
            [("{", "}"), (r"\left(", r"\right)"), ("a^{", "}"), (r"\dot", ""), (r"\frac1{", "}"), ("{", "")]
        {
            let depth = LONGEST / (open.len() + close.len());
            let _ = to_mathml(&(open.repeat(depth) + &close.repeat(depth)), Display::Block);
        }
        let fault = to_mathml(&"x".repeat(LONGEST + 1), Display::Inline).unwrap_err();
        assert_eq!(fault.message, "this formula has 10001 bytes, beyond the limit of 10000");
    }

    /// What a formula may be broken from.
    const PIECES: [&str; 40] = [
        r"\frac",
        "{",
        "}",
        r"\left",
        "(",
        r"\right",
        ")",
        "^",
        "_",
        "'",
        "a",
        "12",
        r"\begin{matrix}",
        r"\end{matrix}",
        "&",
        r"\\",
        r"\text",
        r"\sqrt",
        "[",
        "]",
        r"\hat",
        r"\limits",
        r"\sum",
        r"\operatorname",
        "%",
        "\n",
        "#1",
        "~",
        "\\",
        "é",
        r"\color{red}",
        r"\middle",
        "|",
        r"\not",
        r"\hline",
        r"\kern",
        "3em",
        r"\genfrac",
        "😀",
        r"\substack",
    ];

    proptest! {
        #[test]
        fn broken_formulas_give_a_fault_within_them(pieces in prop::collection::vec(prop::sample::select(&PIECES), 0..12)) {
            let source = pieces.concat();
            if let Err(fault) = to_mathml(&source, Display::Block) {
                prop_assert!(source.get(fault.range.clone()).is_some(), "{fault:?}");
                prop_assert_ne!(fault.message, "this formula cannot be set");
            }
        }
    }
}
