//! `{claim}`: a sentence, the comparison that decides it, and how the book tests its claims.

use super::catalog::Named;
use super::config::Test;
use super::expression::{self, Expr, Fault, Selection, Type};
use super::figure::Quantity;
use super::measure::{self, Unit};
use super::present::Shown;
use super::quantity;
use crate::diagnostic::{Diagnostics, Span};
use crate::fields::{Fields, Table};

/// An assertion about the results.
#[derive(Debug, Clone)]
pub struct Claim {
    /// `claim-…`
    pub id: String,
    /// Where it is declared.
    pub span: Span,
    /// Markdown.
    pub says: String,
    /// The comparison that decides.
    pub holds: Quantity,
    /// How it is tested, as the book says for all its claims.
    pub test: Test,
    /// What it asks for that the profile in force leaves out: it is then left unchecked.
    pub left_out: Vec<String>,
    /// Whether it appears where it is declared.
    pub show: bool,
}

impl Claim {
    /// The digest of everything that is fixed before the results, see [`digest`]; where the claim stands and what it is
    /// called make no difference.
    pub fn digest(&self) -> String {
        digest(&self.says, &self.holds.text, &self.test.words())
    }
}

/// A digest of what is fixed of a claim before its results: the sentence, the comparison with its margin, and the words of
/// its test. Sixty-four hexadecimal digits. Blanks, and the spelling of numbers, make no difference.
pub fn digest(says: &str, holds: &str, test: &str) -> String {
    let says: Vec<&str> = says.split_whitespace().collect();
    let holds = expression::canonical(holds);
    // One line a part: none of them can hold a line break.
    let text = format!("labbook claim v1\nsays {}\nholds {holds}\ntest {test}\n", says.join(" "));
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Reads a `{claim}`: its expression is a comparison over known results.
pub(super) fn read(
    id: &str,
    table: &Table,
    shown: &Shown<'_>,
    test: Test,
    diagnostics: &mut Diagnostics,
) -> Option<Claim> {
    let mut fields = Fields::new(table, format!("claim `{id}`"), table.span, diagnostics);
    let says = fields.string("says").example("\"The large net wins.\"").required();
    let holds = fields.string("holds").example("\"scale[model=large-net].test_accuracy > 0.9\"").required();
    let show = fields.boolean("show").or(true);
    let span = fields.place("holds");
    let mut sound = None;
    if let Some(text) = holds {
        match quantity::parse(&text, Type::Truth) {
            Ok(expr) => {
                let mut faults = quantity::check_selections(&expr, shown.experiments);
                faults.extend(check_decidable(&expr));
                faults.extend(check_seeds(&expr));
                let about_broken = expr.selections().iter().any(|s| shown.broken.contains(&s.experiment));
                if !about_broken {
                    faults.iter().for_each(|fault| fields.diagnostics().push(quantity::at(fault, span, 1)));
                }
                sound = Some(Quantity { text, expr });
            }
            Err(faults) => faults.iter().for_each(|fault| fields.diagnostics().push(quantity::at(fault, span, 1))),
        }
    }
    fields.finish();
    let (says, holds) = says.zip(sound)?;
    let left_out = quantity::left_out(&holds.expr, shown.experiments);
    Some(Claim { id: id.to_owned(), span: table.span, says, holds, test, left_out, show })
}

/// Results decide a claim, and the same ones on every machine.
fn check_decidable(expr: &Expr) -> Vec<Fault> {
    let selections = expr.selections();
    if selections.is_empty() {
        let fault = Fault::new(expr.range.clone(), "no results decide this");
        return vec![fault.hint("compare a measure of some runs: `scale[model=svm].test_accuracy > 0.9`")];
    }
    let measured =
        selections.into_iter().filter(|s| measure::find(&s.measure).is_some_and(|m| m.unit == Unit::Seconds));
    let fault = |s: &Selection| {
        let message = format!("`{}` depends on the machine, and so would the verdict", s.measure);
        Fault::new(s.measure_range.clone(), message).hint("compare counted work: `flops` or `steps`")
    };
    measured.map(fault).collect()
}

/// A value of one seed, held against many, would count as often as there are seeds.
fn check_seeds(expr: &Expr) -> Vec<Fault> {
    let (fixed, open): (Vec<_>, Vec<_>) = expr.selections().into_iter().partition(|s| s.fixed("seed").is_some());
    if open.is_empty() {
        return Vec::new();
    }
    let fault = |s: &Selection| {
        let message = "`seed` is fixed here, and other results of the claim run over all seeds";
        let hint = "leave `seed` out: a claim is about all seeds, and one of them says nothing of how far they spread";
        Fault::new(s.experiment_range.clone(), message).hint(hint)
    };
    fixed.into_iter().map(fault).collect()
}

impl Named for Claim {
    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Sources, Span};
    use crate::experiment::config::{Correction, Method};

    fn claim(says: &str, holds: &str) -> Claim {
        let file = Sources::default().add("chapters/01.md", String::new());
        Claim {
            id: "claim-a".into(),
            span: Span::new(file, 0..0),
            says: says.into(),
            holds: Quantity { text: holds.into(), expr: expression::parse(holds).expect("a sound expression") },
            test: Test::default(),
            left_out: Vec::new(),
            show: true,
        }
    }

    #[test]
    fn a_digest_follows_what_is_claimed_and_not_how_it_is_typed() {
        let first = claim("It wins.", "a[m=10_000].test_accuracy > 0.9 + 0.01");
        let digest = first.digest();
        let renamed = Claim { id: "claim-b".into(), show: false, ..first.clone() };
        assert_eq!(renamed.digest(), digest);
        assert_eq!(claim(" It\n wins. ", "a[m = 10000].test_accuracy>0.90+1e-2").digest(), digest);

        assert_ne!(claim("It loses.", "a[m=10_000].test_accuracy > 0.9 + 0.01").digest(), digest, "the sentence");
        assert_ne!(claim("It wins.", "a[m=10_000].test_accuracy > 0.9 + 0.02").digest(), digest, "the margin");
        for test in [
            Test { level: 0.9, ..Test::default() },
            Test { method: Method::Bootstrap, ..Test::default() },
            Test { correction: Correction::Holm, ..Test::default() },
        ] {
            assert_ne!(Claim { test, ..first.clone() }.digest(), digest, "{test:?}");
        }
    }

    /// Digests stand in results of record: a change of their form would cry wolf over every claim.
    #[test]
    fn a_digest_is_pinned() {
        let digest = claim("It wins.", "a[m=10_000].test_accuracy > 0.9").digest();
        assert_eq!(digest, "21f7367bdebeedb68cf6ab6468051709c8951e272a079f0d552026e6c2885673");
    }
}
