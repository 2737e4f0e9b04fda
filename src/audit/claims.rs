//! What is recorded of claims: what each said when results of its experiments were first recorded.

use super::verify::Class;
use crate::experiment::{Book, Claim, claim_digest};
use crate::ledger::{Ledger, RecordedClaim, RecordedClaims, Wording};

/// What there is to record of a book's claims, once the results of the `recorded` experiments are: those on which results
/// are recorded now, with what they first said. Claims that the book no longer has are kept as gone. `ledger` is what was
/// recorded before.
pub fn recorded_claims(book: &Book, ledger: &Ledger, recorded: &dyn Fn(&str) -> bool) -> RecordedClaims {
    let gone = ledger.claims().iter().filter(|(id, _)| book.claims.named(id).is_none());
    let gone = gone.map(|(id, known)| (id.clone(), RecordedClaim { now: None, gone: true, ..known.clone() }));
    let claims = book.claims.iter().filter_map(|claim| {
        let now = wording(claim);
        let (first, late) = match ledger.claims().get(&claim.id) {
            Some(known) => (known.first.clone(), known.late),
            None if is_decided(claim, recorded) => {
                (now.clone(), is_decided(claim, &|id| ledger.experiment(id).is_some()))
            }
            None => return None,
        };
        let now = (now.digest != first.digest).then_some(now.digest);
        Some((claim.id.clone(), RecordedClaim { first, now, late, gone: false }))
    });
    gone.chain(claims).collect()
}

/// Whether the results that decide a claim had been recorded before it was.
pub fn is_late(claim: &Claim, ledger: &Ledger) -> bool {
    ledger.claims().get(&claim.id).is_some_and(|known| known.late)
}

/// What a claim said when its results were first recorded, where it says something else now.
pub fn changed<'a>(claim: &Claim, ledger: &'a Ledger) -> Option<&'a Wording> {
    let known = ledger.claims().get(&claim.id)?;
    (known.first.digest != claim.digest()).then_some(&known.first)
}

/// Whether the recorded results say something to it: all its experiments are recorded, and nothing is left out.
fn is_decided(claim: &Claim, recorded: &dyn Fn(&str) -> bool) -> bool {
    claim.left_out.is_empty() && claim.holds.expr.selections().iter().all(|selection| recorded(&selection.experiment))
}

fn wording(claim: &Claim) -> Wording {
    Wording {
        digest: claim.digest(),
        says: claim.says.trim().to_owned(),
        holds: claim.holds.text.trim().to_owned(),
        test: claim.test.words(),
    }
}

/// What is recorded of a claim and is not what it should be.
#[derive(Debug, Clone)]
pub struct ClaimFinding {
    /// The claim.
    pub id: String,
    /// What the difference comes from.
    pub class: Class,
    /// The same in words.
    pub reason: String,
}

/// What is wrong with the record of the claims that are `asked` about: first in the order of the book, then those that are
/// no longer in it.
pub fn claim_findings(book: &Book, ledger: &Ledger, asked: &dyn Fn(&Claim) -> bool) -> Vec<ClaimFinding> {
    let recorded = |id: &str| ledger.experiment(id).is_some();
    let mut findings = Vec::new();
    for claim in book.claims.iter().filter(|claim| asked(claim)) {
        let found = match ledger.claims().get(&claim.id) {
            Some(known) => fault(known, Some(claim)),
            None => is_decided(claim, &recorded)
                .then_some((Class::Missing, "its results are recorded, and what it said with them is not")),
        };
        findings.extend(found.map(|found| finding(&claim.id, found)));
    }
    let others = ledger.claims().iter().filter(|(id, _)| book.claims.named(id).is_none());
    findings.extend(others.filter_map(|(id, known)| Some(finding(id, fault(known, None)?))));
    findings
}

/// What is wrong with the record of a claim, given what it is in the book.
fn fault(known: &RecordedClaim, claim: Option<&Claim>) -> Option<(Class, &'static str)> {
    let Wording { digest, says, holds, test } = &known.first;
    if claim_digest(says, holds, test) != *digest {
        return Some((
            Class::Edited,
            "its first wording does not match its digest: it was changed after it was recorded",
        ));
    }
    let last = known.now.as_ref().unwrap_or(digest);
    match claim {
        None if known.gone => None,
        None => Some((Class::Declaration, "the book no longer has it; `labbook record` notes that")),
        Some(_) if known.gone => {
            Some((Class::Declaration, "it is back in the book; `labbook record` compares it with what it said"))
        }
        Some(claim) if claim.digest() != *last => {
            Some((Class::Declaration, "it was changed since it was last recorded; `labbook record` notes that"))
        }
        Some(_) => None,
    }
}

fn finding(id: &str, (class, reason): (Class, &str)) -> ClaimFinding {
    ClaimFinding { id: id.to_owned(), class, reason: reason.to_owned() }
}
