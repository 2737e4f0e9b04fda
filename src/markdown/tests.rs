use pulldown_cmark::{Tag, TagEnd};

use super::*;
use crate::diagnostic::line_column;

/// A chapter `chapters/02-scale.md` with some files beside it.
fn parsed(text: &str) -> (Chapter, Sources, Diagnostics) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("chapters/02-scale.md", text);
    let languages = ["en".to_owned(), "zh".to_owned()];
    let mut read = |path: &str| match path {
        "chapters/parts/a.md" => Ok("from *a*\n".to_owned()),
        "chapters/parts/b.md" => Ok("before\n\n```{include} a.md\n```\n\n```{model} net\n```\n".to_owned()),
        "chapters/parts/loop.md" => Ok("```{include} ../parts/loop.md\n```\n".to_owned()),
        "chapters/parts/head.md" => Ok("+++\ntitle = \"x\"\n+++\nbody\n".to_owned()),
        "chapters/parts/bomb.md" => Ok("```{include} bomb2.md\n```\n".repeat(40)),
        "chapters/parts/bomb2.md" => Ok("```{include} a.md\n```\n".repeat(40)),
        _ => Err(format!("cannot read `{path}`: no such file")),
    };
    let chapter = parse(&mut sources, file, &languages, &mut read, &mut diagnostics);
    (chapter, sources, diagnostics)
}

/// The diagnostics as `file:line:column: message | hint`, the file left out where it is the chapter.
fn told(sources: &Sources, diagnostics: &Diagnostics) -> Vec<String> {
    let tell = |d: &&Diagnostic| {
        let hint = d.hint.as_ref().map_or(String::new(), |h| format!(" | {h}"));
        let place = d.span.map_or(String::new(), |span| {
            let at = line_column(sources, span);
            let path = sources.get(span.file).path.strip_prefix("chapters/").expect("all are in the folder");
            format!("{path}:{}:{}: ", at.line, at.column).trim_start_matches("02-scale.md:").to_owned()
        });
        format!("{place}{}{hint}", d.message)
    };
    diagnostics.sorted().iter().map(tell).collect()
}

#[track_caller]
fn check_told(text: &str, expected: &[&str]) {
    let (_, sources, diagnostics) = parsed(text);
    assert_eq!(told(&sources, &diagnostics), expected, "{text}");
}

/// The stream in short: text as it is, other nodes in brackets with the words at their span.
fn stream(chapter: &Chapter, sources: &Sources) -> String {
    let words = |span: Span| &sources.get(span.file).text[span.start..span.end];
    let show = |node: &Node| match node {
        Node::Event(Event::Text(text), _) => text.to_string(),
        Node::Event(Event::Code(code), _) => format!("`{code}`"),
        Node::Event(Event::SoftBreak, _) => "/".to_owned(),
        Node::Event(Event::DisplayMath(math), _) => format!("$${math}$$"),
        Node::Event(Event::Start(Tag::CodeBlock(_)), _) => "[code ".to_owned(),
        Node::Event(Event::End(TagEnd::CodeBlock), _) => "]".to_owned(),
        Node::Event(..) => String::new(),
        Node::Container(container, _) => format!("[{container:?}]"),
        Node::Directive(i) => {
            let directive = &chapter.directives[*i];
            let id = directive.id.as_ref().map_or("", |id| words(id.span));
            format!("[{} {id}: {}]", words(directive.kind.span), directive.body.text)
        }
        Node::Val(val) => {
            assert!(words(val.span).contains(words(val.expression.span)));
            format!("[val {}]", words(val.expression.span))
        }
        Node::Ref(reference) => {
            assert_eq!(words(reference.target.span), reference.target.value);
            format!("[ref {}]", words(reference.span))
        }
        Node::Cite(cite) => {
            let work = |work: &CitedWork| {
                assert_eq!(words(work.key.span), work.key.value);
                format!("{}{}", work.key.value, work.locator.as_ref().map_or(String::new(), |l| format!(" at {l}")))
            };
            let works: Vec<_> = cite.works.iter().map(work).collect();
            format!("[{:?} {}: {}]", cite.form, works.join(" and "), words(cite.span))
        }
        Node::Label(label) => format!("[label {} {}]", label.value, words(label.span)),
    };
    chapter.nodes.iter().map(show).collect()
}

#[track_caller]
fn check_stream(text: &str, expected: &str) {
    let (chapter, sources, diagnostics) = parsed(text);
    assert_eq!(stream(&chapter, &sources), expected, "{text}");
    assert_eq!(told(&sources, &diagnostics), Vec::<String>::new(), "{text}");
}

#[test]
fn fences_become_directives_wherever_they_stand() {
    check_stream("```{dataset} letters\na = 1\n```\n", "[dataset letters: a = 1\n]");
    check_stream("~~~~ {show} scale\n~~~~\n", "[show scale: ]");
    check_stream("```toml model net\nk = 2\n```\n", "[model net: k = 2\n]");
    check_stream("```{table}\n```\n", "[table : ]");
    check_stream("- x\n  ```{claim} c\n  a = 1\n  ```\n", "x[claim c: a = 1\n]");
    check_stream("> ```{claim} c\n> a = 1\n>\n> ```\n", "[claim c: a = 1\n\n]");
    check_stream("\u{feff}```{claim} c\r\na = 1\r\n```\r\n", "[claim c: a = 1\n]");
}

#[test]
fn quoted_examples_and_other_code_are_left_alone() {
    check_stream("````markdown\n```{dataset} letters\n```\n````\n", "[code ```{dataset} letters\n```\n]");
    check_stream("    ```{dataset} letters\n", "[code ```{dataset} letters\n]");
    check_stream("```toml\na = 1\n```\n", "[code a = 1\n]");
    check_stream("```rust\n{val} @fig-a\n```\n", "[code {val} @fig-a\n]");
    check_stream("    {val} @fig-a\n\n@fig-a", "[code {val} @fig-a\n][ref @fig-a]");
    check_stream("<!--\n```{nothing} x\n```\n-->\n", "");
}

#[test]
fn a_body_knows_where_each_byte_stands() {
    let check = |text: &str| {
        let (chapter, sources, _) = parsed(text);
        let body = &chapter.directives[0].body;
        for (start, word) in body.text.match_indices("word") {
            let span = body.span(start..start + word.len());
            assert_eq!(&sources.get(span.file).text[span.start..span.end], "word", "{text}");
        }
        let lines = body.text.matches('\n').count();
        assert_eq!((lines, body.text.matches("word").count()), (2, 3), "{text}");
    };
    check("```{claim} c\nword = 'word'\n数 = 'word'\n```\n");
    check("\u{feff}```{claim} c\r\nword = 'word'\r\n数 = 'word'\r\n```\r\n");
    check("> - ```{claim} c\n>   word = 'word'\n>   数 = 'word'\n>   ```\n");
    check("1. x\n\n   ```{claim} c\n   word = 'word'\n\t数 = 'word'\n   ```\n");
}

#[test]
fn prose_carries_values_and_references() {
    check_stream(
        "It is {val}`a[m=1].b > \"2\"` (@fig-a, @tbl-b_c-1).",
        "It is [val a[m=1].b > \"2\"] ([ref @fig-a], [ref @tbl-b_c-1]).",
    );
    check_stream("见@sec-data，*@eq-x* @claim-a's", "见[ref @sec-data]，[ref @eq-x] [ref @claim-a]’s");
    check_stream("| a |\n|---|\n| {val}`x` @fig-a |\n", "a[val x] [ref @fig-a]");
    check_stream("{val}`` a`b ``", "[val a`b]");
    check_stream("$$ a $$ {#eq-loss} so", "$$ a $$[label eq-loss  {#eq-loss}] so");
}

#[test]
fn what_only_looks_like_a_reference_is_text() {
    check_stream("me@fig-a.org \\@fig-a `@fig-a` @ fig-a", "me@fig-a.org @fig-a `@fig-a` @ fig-a");
    check_stream("@fig- @figure-a", "[Prose fig: @fig]- [Prose figure-a: @figure-a]");
    check_stream("[in @fig-a](x) <a@fig-b.c>", "in @fig-a a@fig-b.c");
    check_stream("\\{val}`x` `{val}`", "{val}`x` `{val}`");
}

#[test]
fn wrong_inline_directives_are_told() {
    const FORM: &str = "write {val}`scale[model=svm].test_accuracy`, the expression in backticks right after the brace";
    check_told("a {val} `x`", &[&format!("1:3: `{{val}}` has no expression | {FORM}")]);
    check_told("a {val}` `", &[&format!("1:3: `{{val}}` has no expression | {FORM}")]);
    check_told("{vla}`x`", &["1:1: there is no inline directive `{vla}` | did you mean `{val}`?"]);
    check_told(
        "{math}`x`",
        &[
            "1:1: there is no inline directive `{math}` | `{val}` is the only one; for the braces themselves write `\\{math}`",
        ],
    );
}

#[test]
fn wrong_fences_are_told() {
    check_told("```{datset} a\n```\n", &["1:4: there is no directive `{datset}` | did you mean `{dataset}`?"]);
    check_told(
        "```{python}\n```\n",
        &[
            "1:4: there is no directive `{python}` | directives are `dataset`, `model`, `experiment`, `figure`, `image`, \
         `figures`, `table`, `claim`, `show`, `include`; to show code, write ```python",
        ],
    );
    check_told("```{.rs}\n```\n", &["1:4: there is no directive `{.rs}` | to show code, write ```rs"]);
    check_told("```{figure fig-a\n```\n", &["1:4: the brace is not closed | write ```{figure}"]);
    check_told(
        "```{figure} a caption=\"x\"\n```\n",
        &[
            "1:13: `a caption=\"x\"` is not an id | the line holds the id alone; all else stands in the body, as `key = value`",
        ],
    );
    check_told(
        "```{figure} 图\n```\n",
        &[
            "1:13: `图` is not an id | an id begins with a letter and goes on with letters, digits, `-` and `_`, such as `fig-scale`",
        ],
    );
    check_told(
        "```toml modle a\n```\n",
        &["1:9: this block is shown as code: there is no directive `modle` | did you mean `toml model`?"],
    );
}

#[test]
fn a_fence_that_is_never_closed_is_told_at_its_opening() {
    check_told("x\n\n```{claim} c\na = 1\n", &["3:1: this directive is never closed | end it with a line of ```"]);
    check_told("````{claim} c\n```\n", &["1:1: this directive is never closed | end it with a line of ````"]);
    check_told("> ```{claim} c\n> a = 1\n\nx\n", &["1:3: this directive is never closed | end it with a line of ```"]);
    check_told("```{claim} c", &["1:1: this directive is never closed | end it with a line of ```"]);
    check_told("~~~rust\n", &["1:1: this block of code is never closed | end it with a line of ~~~"]);
}

#[test]
fn included_files_are_spliced_in() {
    check_stream("x\n\n```{include} parts/b.md\n```\n\ny\n", "xbeforefrom a[model net: ]y");
    check_stream("```{include} ../chapters/./parts/a.md\n```\n```{include} parts/a.md\n```\n", "from afrom a");
}

#[test]
fn wrong_includes_are_told() {
    const OUTSIDE: &str = "paths are relative to the file that includes, with `/` between folders";
    let outside = |path: &str| {
        let expected = format!("1:14: `{path}` lies outside the book's folder | {OUTSIDE}");
        check_told(&format!("```{{include}} {path}\n```\n"), &[&expected]);
    };
    outside("../../secret.md");
    outside("/etc/passwd");
    outside("C:\\x.md");
    check_told("```{include} parts/none.md\n```\n", &["1:14: cannot read `chapters/parts/none.md`: no such file"]);
    check_told(
        "```{include}\n```\n",
        &["1:5: `{include}` names no file | write the path after it: ```{include} parts/setup.md"],
    );
    check_told(
        "```{include} parts/a.md\nx\n```\n",
        &["2:1: an `{include}` has no body | its path stands on the first line"],
    );
    check_told(
        "```{include} parts/head.md\n```\n",
        &["parts/head.md:1:1: the front matter of an included file is not used"],
    );
    check_told(
        "```{include} parts/loop.md\n```\n",
        &["parts/loop.md:1:14: this file includes itself: `chapters/parts/loop.md` → `chapters/parts/loop.md`"],
    );
    check_told(
        "```{include} 02-scale.md\n```\n",
        &["1:14: this file includes itself: `chapters/02-scale.md` → `chapters/02-scale.md`"],
    );
}

#[test]
fn includes_that_multiply_are_stopped() {
    let (_, sources, diagnostics) = parsed("```{include} parts/bomb.md\n```\n");
    let told = told(&sources, &diagnostics);
    assert!(told.iter().any(|t| t.ends_with("this chapter includes more than 1000 files")), "{told:?}");
}

#[test]
fn a_head_in_toml_or_yaml_says_the_same() {
    let expected = FrontMatter {
        title: Some("Scale: all".to_owned()),
        authors: vec!["Ada".to_owned(), "B, C".to_owned()],
        date: Some("2026-03-01".to_owned()),
        draft: true,
        ..FrontMatter::default()
    };
    let check = |text: &str| {
        let (chapter, sources, diagnostics) = parsed(text);
        assert_eq!(told(&sources, &diagnostics), Vec::<String>::new(), "{text}");
        assert_eq!(chapter.front, expected, "{text}");
        assert_eq!((stream(&chapter, &sources).as_str(), chapter.title.as_str()), ("x", "Scale: all"), "{text}");
    };
    check("+++\ntitle = \"Scale: all\"\nauthors = [\"Ada\", \"B, C\"]\ndate = 2026-03-01\ndraft = true\n+++\nx\n");
    check("---\ntitle: Scale: all\nauthors:\n  - Ada\n  - 'B, C'\ndate: 2026-03-01 # spring\n\ndraft: yes\n---\nx\n");
    check(
        "\u{feff}---\r\ntitle: \"Scale: all\"\r\nauthors:\r\n- Ada\r\n- B, C\r\ndate: 2026-03-01\r\ndraft: true\r\n---\r\nx\r\n",
    );
}

#[test]
fn wrong_heads_are_told() {
    const YAML: &str = "of YAML, `key: value` lines and simple lists are read; `+++` front matter takes all of TOML";
    let yaml = |line: &str, at: &str, message: &str| {
        check_told(&format!("---\n{line}\n---\n"), &[&format!("{at}: {message} | {YAML}")]);
    };
    yaml("title: |", "2:1", "values that begin with `|` are not read");
    yaml("a: {b: c}", "2:1", "values that begin with `{` are not read");
    yaml("a:\n  b: c", "3:3", "a front matter has no keys within keys");
    yaml("- a", "2:1", "this list entry belongs to no key");
    yaml("title", "2:1", "this is not a `key: value` line");
    yaml("title:x", "2:1", "a space is missing after the colon");
    yaml("title: x\ntitle: y", "3:1", "`title` is written twice");
    yaml("title: \"x", "2:1", "this quoted text is not closed, or holds quotes or backslashes");
    check_told("---\nauthor: x\n---\n", &["2:1: unknown key `author` in the front matter | did you mean `authors`?"]);
    check_told(
        "+++\ndraft = \"yes\"\n+++\n",
        &["2:9: `draft` must be `true` or `false`, not a string | write `draft = true`"],
    );
    check_told("+++\ntitle = x\n+++\n", &["2:9: text must stand in quotes | write `title = \"x\"`"]);
    check_told("+++\ntitle = \"x\"\n", &["1:1: this front matter is never closed | end it with a line of `+++`"]);
    check_told("---\n\nafter a rule\n\n---\n", &[]);
}

#[test]
fn headings_get_stable_ids() {
    let check = |text: &str, expected: &[&str]| {
        let (chapter, _, diagnostics) = parsed(text);
        assert_eq!(diagnostics.summary(), "", "{text}");
        let ids: Vec<_> = chapter.headings.iter().map(|h| h.id.as_str()).collect();
        assert_eq!(ids, expected, "{text}");
        for heading in &chapter.headings {
            let Node::Event(Event::Start(Tag::Heading { id, .. }), _) = &chapter.nodes[heading.node] else {
                panic!("a heading stands at its node");
            };
            assert_eq!(id.as_deref(), Some(heading.id.as_str()));
        }
    };
    check("# Scale drives *progress*: `x` & more!\n", &["scale-drives-progress-x--more"]);
    check("## 规模 推动_进步\n\nÉté\n===\n", &["规模-推动_进步", "été"]);
    check("# A\n# A\n# A-1\n# A\n", &["a", "a-1", "a-1-1", "a-2"]);
    check("# a\n# B {#a}\n", &["a-1", "a"]);
    check("# fig a\n```{figure} fig-a\n```\n", &["fig-a-1"]);
    check("# ?!\n#\n", &["section", "section-1"]);
    check_told(
        "# A {#sec-x}\n\n## B {#sec-x}\n",
        &["3:1: the id `sec-x` is used twice in this chapter | give this heading another id"],
    );
}

#[test]
fn the_title_is_that_of_the_head_or_the_first_heading_or_the_name() {
    let check = |text: &str, expected: &str| assert_eq!(parsed(text).0.title, expected, "{text}");
    check("+++\ntitle = \"T\"\n+++\n# H\n", "T");
    check("## two\n\n# H *i* @fig-a\n", "H i fig-a");
    check("text\n", "02-scale");
}

#[test]
fn mutated_chapters_never_panic() {
    let chapter = include_str!("mutation_seed.md");
    let bytes = chapter.as_bytes();
    let pieces: [&[u8]; 12] =
        [b"```", b"{val}", b"`", b"\0", b"\r", b"> ", b"@fig-", b"---\n", b"\xe6", b"\t", b"{#", b"\xef\xbb\xbf"];
    let mut state = 1u64;
    let mut below = |n: usize| {
        // Knuth's linear congruential generator; its high bits are good enough to pick places.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..3000 {
        let mut mutated = bytes.to_vec();
        for _ in 0..=below(4) {
            let at = below(mutated.len());
            match below(3) {
                0 => mutated[at] = below(256) as u8,
                1 => drop(mutated.drain(at..(at + 1 + below(40)).min(mutated.len()))),
                _ => drop(mutated.splice(at..at, pieces[below(pieces.len())].iter().copied())),
            }
        }
        let (chapter, sources, mut diagnostics) = parsed(&String::from_utf8_lossy(&mutated));
        for directive in &chapter.directives {
            let body = &directive.body;
            crate::fields::parse(&body.text, &|range| body.span(range), &mut diagnostics);
        }
        diagnostics.render(&sources, crate::diagnostic::Style::Plain);
        diagnostics.github(&sources, "");
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    // Each would take minutes if any step were quadratic.
    for piece in [
        "> ",
        "- ",
        "[",
        "*a ",
        "{val}",
        "@fig-",
        "`",
        "# a\n",
        "$",
        "```{claim} c\n",
        "| a ",
        "\r",
        "<a ",
        "a\n: b\n\n",
    ] {
        let text = piece.repeat(20_000);
        let (chapter, sources, _) = parsed(&text);
        assert_eq!(sources.get(chapter.file).text.len(), text.len());
    }
}

/// A book's folder with these files; the paths of its chapters, and what was told.
fn book(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let root = tempfile::tempdir().expect("a folder for the test");
    for (path, text) in files {
        files::write(&root.path().join(path), text.as_bytes()).expect("the folder can be written to");
    }
    read(root.path())
}

fn read(root: &Path) -> (Vec<String>, Vec<String>) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let languages = ["en".to_owned(), "zh".to_owned()];
    let chapters = read_book(root, "chapters", &languages, &mut sources, &mut diagnostics);
    let show = |c: &Chapter| format!("{} {}", c.path, c.language.as_deref().unwrap_or("-"));
    (chapters.iter().map(show).collect(), told(&sources, &diagnostics))
}

#[test]
fn chapters_come_in_the_order_of_names_with_their_translations() {
    let (chapters, told) = book(&[
        ("chapters/02-b.zh.md", ""),
        ("chapters/02-b.md", ""),
        ("chapters/10-c.md", ""),
        ("chapters/01-a.md", ""),
        ("chapters/_notes.md", ""),
        ("chapters/parts/a.md", ""),
        ("chapters/03-draft.md", "---\ndraft: true\n---\n"),
        ("chapters/data.csv", ""),
    ]);
    let expected = ["chapters/01-a.md -", "chapters/02-b.md -", "chapters/02-b.zh.md zh", "chapters/10-c.md -"];
    assert_eq!((chapters.as_slice(), told), (expected.map(str::to_owned).as_slice(), Vec::new()));
}

#[test]
fn a_summary_says_the_order() {
    let (chapters, told) = book(&[
        ("chapters/SUMMARY.md", "# Summary\n\n[Start](b.md)\n\n# Part\n\n- [A](./parts/a.md)\n  - [Later]()\n"),
        ("chapters/b.md", ""),
        ("chapters/b.zh.md", ""),
        ("chapters/parts/a.md", ""),
        ("chapters/unlisted.md", ""),
    ]);
    let expected = ["chapters/b.md -", "chapters/b.zh.md zh", "chapters/parts/a.md -"];
    assert_eq!((chapters.as_slice(), told), (expected.map(str::to_owned).as_slice(), Vec::new()));
}

#[test]
fn wrong_lists_of_chapters_are_told() {
    let check = |files: &[(&str, &str)], expected: &[&str]| assert_eq!(book(files).1, expected);
    check(
        &[("labbook.toml", "")],
        &["the folder `chapters` has no chapters | a chapter is a Markdown file such as `01-start.md`"],
    );
    check(
        &[
            ("chapters/SUMMARY.md", "[a](01-strat.md) [b](b.md) [b](b.md)\n"),
            ("chapters/01-start.md", ""),
            ("chapters/b.md", ""),
        ],
        &[
            "SUMMARY.md:1:1: there is no chapter `01-strat.md` in `chapters` | did you mean `01-start.md`?",
            "SUMMARY.md:1:28: the chapter `b.md` is listed twice",
        ],
    );
    check(
        &[("chapters/a.md", ""), ("chapters/a.en.md", "")],
        &[
            "a.en.md:1:1: this chapter and `chapters/a.md` would have the same page | give one of the files another name",
        ],
    );
    check(
        &[("chapters/a.de.md", "")],
        &["a.de.md:1:1: `de` is no language of the book, so this is a chapter of its own \
         | add it in labbook.toml: `languages = [\"en\", \"de\"]`, or rename the file"],
    );
}

#[test]
fn what_is_no_text_or_lies_outside_is_told() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let root = folder.path().join("book");
    files::write(&root.join("chapters/a.md"), b"ok\nbad \xff\n").expect("the folder can be written to");
    files::write(&folder.path().join("secret.md"), b"secret").expect("the folder can be written to");
    let (_, told) = read(&root);
    assert_eq!(told, ["cannot read `chapters/a.md`: it is not UTF-8 at byte 7, on line 2"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("secret.md"), root.join("chapters/link.md")).expect("a link");
        files::write(&root.join("chapters/a.md"), b"```{include} link.md\n```\n")
            .expect("the folder can be written to");
        let (_, told) = read(&root);
        assert_eq!(told, ["a.md:1:14: cannot read `chapters/link.md`: it lies outside the book's folder"]);
    }
}

#[test]
fn formulas_are_looked_at_where_they_stand() {
    check_told("a $\\fracc12$ b\n", &[r"1:4: unknown command `\fracc` | did you mean `\frac`?"]);
    check_told("测试 $x^a^b$\n", &["1:8: duplicate subscript or superscript"]);
    check_told("> - a\n>   $$\n>   x \\\\\n>   y^ \\banana\n>   $$\n", &[r"4:8: unknown command `\banana`"]);
    check_told("$$ \\left( a $$\n", &[r"1:13: expected closing token `\right`, but reached end of input"]);
    let hint = "a formula has balanced braces and ends by `$$`; for the signs themselves write `\\$\\$`";
    check_told("a $$ {b $$ c\n", &[&format!("1:3: this `$$` opens no formula | {hint}")]);
    check_told("a \\$\\$\n", &[]);
    check_told("$$\r\na\r\n\\banana\r\n$$\r\n", &[r"3:1: unknown command `\banana`"]);
    check_told("`$\\banana$` and \\$\\banana\\$\n", &[]);
}

#[test]
fn prices_are_no_formulas() {
    check_stream("$5 and $6\n", "$5 and $6");
    check_stream("a book of $5/$6, @fig-a\n", "a book of $5/$6, [ref @fig-a]");
    check_stream("20,000$ and $30,000\n", "20,000$ and $30,000");
}

#[test]
fn equations_have_one_label_of_the_right_form() {
    check_stream("$$a$$ {#eq-a} and @eq-a\n", "$$a$$[label eq-a  {#eq-a}] and [ref @eq-a]");
    let hint = "it begins with `eq-` and goes on with letters, digits, `-` and `_`, such as `{#eq-loss}`";
    check_told("$$a$$ {#loss}\n", &[&format!("1:9: `loss` is no label of an equation | {hint}")]);
    check_told("$$a$$ {#eq-}\n", &[&format!("1:9: `eq-` is no label of an equation | {hint}")]);
    let twin = "the label `eq-a` is used twice in this chapter | give this equation another one";
    check_told("$$a$$ {#eq-a}\n\n$$b$$ {#eq-a}\n", &[&format!("3:6: {twin}")]);
}

#[test]
fn a_link_without_words_is_a_reference() {
    let (chapter, sources, _) = parsed("See [](#eq-a), [](#sec-b) and [](#top) or [b](#fig-c).\n");
    let refs = chapter.nodes.iter().filter_map(|node| match node {
        Node::Ref(reference) => Some(&sources.get(reference.span.file).text[reference.span.start..reference.span.end]),
        _ => None,
    });
    assert_eq!(refs.collect::<Vec<_>>(), ["[](#eq-a)", "[](#sec-b)"]);
}

#[test]
fn works_are_cited_beside_and_within_a_sentence() {
    check_stream("As said [@a].\n", "As said [Bracketed a: [@a]].");
    check_stream(
        "[@a:b-2, pp. 3-4; @c_d]见@e2015提出\n",
        "[Bracketed a:b-2 at pp. 3-4 and c_d: [@a:b-2, pp. 3-4; @c_d]]见[Prose e2015: @e2015]提出",
    );
    check_stream("@a.b, @c. @fig-d [see @e]\n", "[Prose a.b: @a.b], [Prose c: @c]. [ref @fig-d] [see [Prose e: @e]]");
    check_stream("me@here.org, `@a`, \\@b, [@c](x.md), <d@e.org>, @ f\n", "me@here.org, `@a`, @b, @c, d@e.org, @ f");
}

#[test]
fn containers_are_found_with_and_without_empty_lines() {
    let folded = "[Details(\"A b\")]c[EndDetails]";
    check_stream("::: details A b\nc\n:::\n", folded);
    check_stream(":::details A b\n\nc\n\n:::::\n", folded);
    check_stream("::: tabs\n== A\nx\n== B\ny\n:::\n", "[Tabs][Tab(\"A\")]x[EndTab][Tab(\"B\")]y[EndTab][EndTabs]");
    check_stream("== A\n", "== A");
    check_stream("a ::: b\n", "a ::: b");
}

#[test]
fn a_container_ends_below_whatever_stands_in_it() {
    let below = |inner: &str, expected: &str| {
        check_stream(&format!("::: details\n{inner}\n:::\n"), &format!("[Details(\"\")]{expected}[EndDetails]"));
    };
    below("- c", "c");
    below("- c\n  - d", "cd");
    below("> c", "c");
    below("c[^a]\n\n[^a]: d", "cd");
    below("|c|d|\n|-|-|\n|e|f|", "cdef");
    below("c\n: d", "cd");
    below("# C", "C");
    below("C\n===", "C");
    below("```\n:::\n```", "[code :::\n]");
    below("    :::", "[code :::\n]");
    below("<!--\n:::\n-->", "");
    check_stream("- a\n\n  ::: details 题\n  b\n  :::\n", "a[Details(\"题\")]b[EndDetails]");
}

#[test]
fn quotes_between_chinese_characters_open_and_close() {
    check_stream("他说\"你好\"，\"*再*见\"，it's \"a\"。\n", "他说“你好”，“再见”，it’s “a”。");
    check_stream("他说\"你好\n\n\"再见\"\n", "他说“你好“再见”");
}
