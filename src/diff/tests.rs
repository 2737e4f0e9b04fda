use super::edition::{Claim, Drawing, Outcome};
use super::*;
use crate::analysis::Estimate;
use crate::experiment::measure::Unit;

fn number(values: &[f64]) -> Number {
    Number { estimate: Estimate::of(values.iter().copied().map(Some)), unit: Unit::Share }
}

/// An edition of one experiment at two points, a claim, a sentence and a figure.
fn edition(accuracy: &[f64], verdict: Verdict) -> Edition {
    let at = |m: u32| format!("m={m}");
    let key = |m: u32| (at(m), "test_accuracy".to_owned());
    let value = number(accuracy);
    let text = value.estimate.print(Unit::Share);
    let words = |text: &str| Part::Words(text.to_owned());
    let parts =
        vec![words("It is right on "), Part::Number { expression: "one.test_accuracy".into(), text }, words(".")];
    Edition {
        pending: 0,
        experiments: vec![Outcome {
            id: "one".into(),
            points: vec![at(10), at(20)],
            numbers: [(key(10), number(&[0.5, 0.6])), (key(20), value)].into(),
        }],
        claims: vec![Claim { id: "claim-a".into(), says: "It <wins>.".into(), digest: "d".into(), verdict }],
        sentences: vec![Sentence { chapter: "chapters/01.md".into(), parts }],
        figures: vec![Drawing {
            id: "fig-a".into(),
            caption: "A figure.".into(),
            svg: format!("<svg><title id=\"fig-a-title\">T</title><desc id=\"fig-a-desc\">D</desc>{accuracy:?}</svg>"),
            whole: true,
        }],
    }
}

fn diff(before: &Edition, after: &Edition) -> Diff {
    compare(before, after, Sides { before: "main (1a2b3c4)".into(), after: "the working tree".into() })
}

#[test]
fn equal_editions_differ_in_nothing_and_say_so() {
    let one = edition(&[0.9, 0.92], Verdict::Confirmed);
    let diff = diff(&one, &one);
    assert!(diff.is_empty());
    assert_eq!(
        text::text(&diff),
        "from main (1a2b3c4) to the working tree: Nothing differs: results, verdicts, printed numbers and figures are the same.\n"
    );
}

#[test]
fn what_moved_is_shown_before_and_after() {
    let (before, after) = (edition(&[0.9, 0.92], Verdict::Confirmed), edition(&[0.8, 0.82], Verdict::Refuted));
    let diff = diff(&before, &after);
    assert_eq!(diff.results[0].summary(), "1 of 2 values differ");
    assert_eq!(
        text::text(&diff),
        "from main (1a2b3c4) to the working tree: 1 result changed, 1 verdict flipped, 1 sentence prints other numbers, 1 figure differs.\n\
         \n\
         claims\n  claim-a: confirmed → refuted\n    It <wins>.\n\
         \n\
         results of one: 1 of 2 values differ\n  m=20  test_accuracy: 91 ± 13 % (n = 2) → 81 ± 13 % (n = 2)\n\
         \n\
         sentences\n  chapters/01.md\n  - It is right on 91 ± 13 %.\n  + It is right on 81 ± 13 %.\n\
         \n\
         figures\n  fig-a: drawn differently\n"
    );
    let markdown = markdown::markdown(&diff, None);
    for said in [
        "- `claim-a` **confirmed → refuted**: It <wins>.",
        "| m=20 | test_accuracy | 91 ± 13 % (n = 2) | 81 ± 13 % (n = 2) |",
        "```diff\n# chapters/01.md\n- It is right on 91 ± 13 %.\n+ It is right on 81 ± 13 %.\n```",
        "<details><summary>Figures that differ: 1</summary>",
    ] {
        assert!(markdown.contains(said), "without {said}: {markdown}");
    }
}

#[test]
fn a_comment_shows_the_drawings_of_a_folder_side_by_side() {
    let (before, mut after) = (edition(&[0.9, 0.92], Verdict::Confirmed), edition(&[0.8, 0.82], Verdict::Refuted));
    let mut new = after.figures[0].clone();
    new.id = "fig-new".into();
    after.figures.push(new);
    let diff = diff(&before, &after);
    let names: Vec<_> = markdown::drawings(&diff).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["fig-a-before.svg", "fig-a-after.svg", "fig-new-after.svg"]);
    let markdown = markdown::markdown(&diff, Some("https://example.org/diff/"));
    for said in [
        "**`fig-a`** drawn differently: ",
        "| before | after |\n|---|---|\n| ![fig-a before](https://example.org/diff/fig-a-before.svg) | \
         ![fig-a after](https://example.org/diff/fig-a-after.svg) |\n",
        "| after |\n|---|\n| ![fig-new after](https://example.org/diff/fig-new-after.svg) |\n",
    ] {
        assert!(markdown.contains(said), "without {said}: {markdown}");
    }
}

#[test]
fn a_comment_is_never_longer_than_github_takes() {
    let (before, after) = (edition(&[0.9, 0.92], Verdict::Confirmed), edition(&[0.8, 0.82], Verdict::Refuted));
    let mut diff = diff(&before, &after);
    let mut experiment = diff.results[0].clone();
    experiment.changed = vec![experiment.changed[0].clone(); 200];
    diff.results = vec![experiment; 40];
    let comment = markdown::markdown(&diff, None);
    assert!(comment.chars().count() <= 65_000 && comment.contains("and 180 more."), "{}", comment.len());
    diff.results = vec![diff.results[0].clone(); 2_000];
    assert_eq!(markdown::markdown(&diff, None).chars().count(), 65_000);
}

#[test]
fn what_rests_on_runs_without_a_result_is_not_compared() {
    let before = edition(&[0.9, 0.92], Verdict::Confirmed);
    let mut after = edition(&[0.9, 0.92], Verdict::Unchecked);
    after.pending = 2;
    after.sentences[0].parts[1] = Part::Number { expression: "one.test_accuracy".into(), text: "—".into() };
    (after.figures[0].svg, after.figures[0].whole) = ("<svg></svg>".into(), false);
    let diff = diff(&before, &after);
    assert!(diff.is_empty(), "{diff:?}");
    assert!(diff.lacking().is_some());
}

#[test]
fn a_difference_below_the_printed_digits_has_all_of_them() {
    let (before, after) =
        (edition(&[0.9, 0.92], Verdict::Confirmed), edition(&[0.9, 0.920_000_01], Verdict::Confirmed));
    let printed = diff(&before, &after).results[0].changed[0].printed();
    assert_eq!(printed.before, "0.91 (n = 2)");
    assert_eq!(printed.after, "0.910000005 (n = 2)");
    // The sentence prints what it printed.
    assert!(diff(&before, &after).sentences.is_empty());
}

#[test]
fn a_drawing_is_the_same_under_another_caption() {
    let before = edition(&[0.9, 0.92], Verdict::Confirmed);
    let mut after = before.clone();
    after.figures[0].svg = after.figures[0].svg.replace(">T<", ">Another caption<");
    assert!(diff(&before, &after).is_empty());
}

#[test]
fn additions_and_removals_are_no_changed_results() {
    let (before, mut after) = (edition(&[0.9, 0.92], Verdict::Confirmed), edition(&[0.9, 0.92], Verdict::Confirmed));
    after.experiments[0].points = vec!["m=20".into(), "m=30".into()];
    after.experiments[0].numbers.remove(&("m=10".to_owned(), "test_accuracy".to_owned()));
    after.claims[0].digest = "another margin".into();
    after.figures.clear();
    let mut other = after.experiments[0].clone();
    other.id = "two".into();
    after.experiments.push(other);
    let diff = diff(&before, &after);
    assert_eq!((diff.added.as_slice(), diff.removed.as_slice()), (&["two".to_owned()][..], &[][..]));
    assert_eq!(diff.results[0].summary(), "0 of 1 values differ; 1 grid point new; 1 grid point gone");
    assert_eq!(diff.claims[0].summary(), "restated, still confirmed");
    assert_eq!(diff.figures[0].summary(), "gone");
    assert_eq!(diff.summary(), "1 experiment added, 1 claim changed, 1 figure differs.");
}

#[test]
fn a_page_shows_both_drawings_under_names_of_their_own_and_escapes_words() {
    let (before, after) = (edition(&[0.9, 0.92], Verdict::Confirmed), edition(&[0.8, 0.82], Verdict::Refuted));
    let templates = crate::render::Templates::new(&Default::default()).expect("the built-in templates");
    let page = page::page(&diff(&before, &after), &templates).expect("the template fits");
    for said in [
        "<title id=\"before-fig-a-title\">T</title><desc id=\"before-fig-a-desc\">D</desc>[0.9, 0.92]",
        "<title id=\"after-fig-a-title\">T</title><desc id=\"after-fig-a-desc\">D</desc>[0.8, 0.82]",
        "It &lt;wins&gt;.",
        "It is right on <del>91 ± 13 %</del>.",
        "It is right on <ins>81 ± 13 %</ins>.",
        "light-dark(",
    ] {
        assert!(page.contains(said), "without {said}: {page}");
    }
    let (_, body) = page.split_once("</style>").expect("its style stands in it");
    assert!(!page.contains("<link") && !body.contains("href=") && !body.contains("src="), "it stands alone");
}
