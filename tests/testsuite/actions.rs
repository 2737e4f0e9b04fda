//! What the workflow and the action call is there: verbs, flags, inputs, and versions that cannot move.

use std::path::Path;

use labbook::files;

use crate::book::Book;

const FILES: [&str; 3] = ["action.yml", ".github/workflows/book.yml", ".github/workflows/ci.yml"];

fn text(file: &str) -> String {
    files::read_text(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The calls of labbook in the action's scripts: the verb, and the flags on its line.
fn calls(action: &str) -> Vec<(String, Vec<String>)> {
    let call = |line: &str| {
        let command =
            ["run: ", "if "].iter().fold(line.trim_start(), |line, word| line.strip_prefix(word).unwrap_or(line));
        let mut words = command.strip_prefix("labbook ")?.split(|c: char| c.is_whitespace() || "{}\"':+$;".contains(c));
        let verb = words.next()?.to_owned();
        Some((verb, words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()))
    };
    action.lines().filter_map(call).collect()
}

#[test]
fn verbs_and_flags_of_the_action_exist() {
    let here = Book::of(&[]);
    let calls = calls(&text("action.yml"));
    let verbs: Vec<&str> = calls.iter().map(|(verb, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["check", "run", "verify", "build", "diff", "diff"]);
    for (verb, flags) in &calls {
        let help = here.succeed(&["help", verb]).stdout;
        let known = |flag: &String| help.split(|c: char| c.is_whitespace() || c == ',').any(|word| word == flag);
        let unknown: Vec<_> = flags.iter().filter(|flag| !known(flag)).collect();
        assert!(unknown.is_empty() && !help.is_empty(), "`labbook {verb}` has no {unknown:?}");
    }
}

#[test]
fn the_workflow_gives_the_action_what_it_takes() {
    let action = text("action.yml");
    let inputs = action.split_once("inputs:\n").unwrap().1.split_once("\noutputs:").unwrap().0;
    let names: Vec<&str> = inputs.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':')).collect();
    assert!(names.contains(&"book") && names.contains(&"partition"), "{names:?}");
    let used = |text: &str| text.split("inputs.").skip(1).map(word).collect::<Vec<_>>();
    for name in used(&action) {
        assert!(names.contains(&name.as_str()), "the action has no input {name}");
    }
    let workflow = text(".github/workflows/book.yml");
    for step in workflow.split("uses: ./\n").skip(1) {
        let given =
            step.split_once("with:\n").filter(|(before, _)| before.trim().is_empty()).map_or("", |(_, with)| with);
        for name in
            given.lines().map_while(|line| line.strip_prefix("          ")?.split_once(':')).map(|(name, _)| name)
        {
            assert!(names.contains(&name), "the action has no input {name}");
        }
    }
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect()
}

#[test]
fn actions_of_others_are_pinned_to_a_commit() {
    for file in FILES {
        let text = text(file);
        for line in text.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("uses: ")) {
            let pinned = line
                .split_once('@')
                .and_then(|(_, at)| at.split_once(" # v"))
                .is_some_and(|(hash, _)| hash.len() == 40 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
            // An image has no commit; its tag is a whole version.
            let tagged = line.strip_prefix("docker://").is_some_and(|image| image.matches('.').count() == 2);
            assert!(line == "./" || pinned || tagged, "{file}: {line}");
        }
        assert!(
            file == "action.yml" || text.contains("\npermissions:\n  contents: read\n"),
            "{file}: least permissions"
        );
    }
}
