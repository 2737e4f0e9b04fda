//! What is recorded of claims: what each said when results of its experiments were first recorded.

use crate::experiment::config::Test;
use crate::experiment::{Book, Claim};
use crate::ledger::{Ledger, RecordedClaim, RecordedClaims, Wording};

/// What there is to record of a book's claims, once the results of the `recorded` experiments are: those on which results
/// are recorded now, with what they first said; claims that the book no longer has are dropped.
pub fn recorded_claims(book: &Book, ledger: &Ledger, recorded: &dyn Fn(&str) -> bool) -> RecordedClaims {
    let claims = book.claims.iter().filter_map(|claim| {
        let now = wording(claim);
        let first = match ledger.claims().get(&claim.id) {
            Some(known) => known.first.clone(),
            None if is_decided(claim, recorded) => now.clone(),
            None => return None,
        };
        let now = (now.digest != first.digest).then_some(now.digest);
        Some((claim.id.clone(), RecordedClaim { first, now }))
    });
    claims.collect()
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
        test: test_words(&claim.test),
    }
}

/// How claims are tested, on one line.
pub fn test_words(Test { level, method, correction }: &Test) -> String {
    format!("method {}, level {level}, correction {}", method.word(), correction.word())
}
