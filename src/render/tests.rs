//! What a reader sees of a chapter, a book, and numbers across languages.

use std::collections::BTreeMap;

use pulldown_cmark::{Options, Parser};

use super::*;

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
}

/// Markdown in which a code span `@id` stands for a reference, `val:…` for a value and `claim:id` for a claim.
fn pieces(markdown: &str) -> Vec<Piece> {
    let piece = |event: Event<'_>| match event.into_static() {
        Event::Code(code) if code.starts_with('@') => Piece::Reference(code[1..].to_owned()),
        Event::Code(code) if code.starts_with("val:") => {
            let target = Some("claim-one".to_owned());
            Piece::Value(Value {
                text: code[4..].to_owned(),
                title: "5 \"seeds\"".to_owned(),
                target,
                id: String::new(),
            })
        }
        Event::Code(code) if code.starts_with("claim:") => Piece::Element(Box::new(claim(&code[6..]))),
        other => Piece::Event(other),
    };
    Parser::new_ext(markdown, options()).map(piece).collect()
}

#[test]
fn labelled_equations_are_numbered() {
    let mut pieces = pieces("$$a$$ `@eq-a`");
    let formula = pieces.iter().position(|p| matches!(p, Piece::Event(Event::DisplayMath(_)))).unwrap();
    pieces.insert(formula + 1, Piece::Label("eq-a".to_owned()));
    let chapter = Chapter { pieces, ..chapter("en", "one", "") };
    let page = page(&made(&book(vec![chapter])), "one.html");
    let equation = "<span class=\"equation\" id=\"eq-a\"><span class=\"math-display\"><math display=\"block\"><mi>a</mi></math></span>\
                    <span class=\"equation-number\">(1.1)</span></span> \
                    <a class=\"reference\" href=\"#eq-a\">Equation\u{a0}1.1</a>";
    assert!(page.contains(equation), "{page}");
}

fn claim(id: &str) -> Element {
    Element::Claim(Claim {
        id: id.to_owned(),
        says: "a < b".to_owned(),
        holds: "a < b".to_owned(),
        verdict: Verdict::Refuted,
        comparisons: Vec::new(),
        facts: Vec::new(),
        late: false,
        former: Vec::new(),
        provenance: Vec::new(),
        command: None,
    })
}

pub(super) fn chapter(language: &str, slug: &str, markdown: &str) -> Chapter {
    let path = if language == "en" { format!("chapters/{slug}.md") } else { format!("chapters/{slug}.{language}.md") };
    Chapter {
        path,
        slug: slug.to_owned(),
        language: language.to_owned(),
        title: slug.to_owned(),
        pieces: pieces(markdown),
        ..Chapter::default()
    }
}

pub(super) fn book(chapters: Vec<Chapter>) -> Book {
    Book { title: "A & B".to_owned(), languages: vec!["en".into(), "zh".into()], chapters, ..Book::default() }
}

fn made(book: &Book) -> Rendered {
    render(book, &Templates::new(&BTreeMap::new()).unwrap()).unwrap()
}

fn page(rendered: &Rendered, path: &str) -> String {
    let output = rendered.outputs.iter().find(|output| output.path == path).unwrap();
    String::from_utf8(output.bytes.clone()).unwrap()
}

/// What stands in the article of a book's only chapter, without its title.
fn body(markdown: &str) -> String {
    let page = page(&made(&book(vec![chapter("en", "one", markdown)])), "one.html");
    let (_, article) = page.split_once("</header>\n<").unwrap().1.split_once("</header>").unwrap();
    article.split_once("</article>").unwrap().0.trim().to_owned()
}

#[test]
fn markdown_is_written_as_a_reader_expects() {
    let check = |markdown, expected| assert_eq!(body(markdown), expected, "{markdown}");
    check("a < b & *c*", "<p>a &lt; b &amp; <em>c</em></p>");
    check("a <b>c</b>\n\n<div id=x>d</div>", "<p>a <b>c</b></p>\n<div id=x>d</div>");
    check("$a<b$", "<p><math><mi>a</mi><mo>&lt;</mo><mi>b</mi></math></p>");
    check(
        "## *Two* {#two}",
        "<h2 id=\"two\"><span class=\"number\">1.1</span> <em>Two</em> <a class=\"anchor\" href=\"#two\" \
         aria-label=\"Link to this section\">#</a></h2>",
    );
    check(
        "> [!TIP]\n> Do.",
        "<aside class=\"alert alert-tip\">\n<p class=\"alert-title\">Tip</p>\n<p>Do.</p>\n</aside>",
    );
    check(
        "|a|\n|-|\n|b|",
        "<div class=\"scroll\"><table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n</tbody></table>\n</div>",
    );
    check("<a@b.org>", "<p><a href=\"mailto:a@b.org\">a@b.org</a></p>");
    check("", "");
}

#[test]
fn footnotes_stand_below_the_block_that_refers_to_them_first() {
    let check = |markdown, expected: &str| assert_eq!(body(markdown), expected, "{markdown}");
    let mark = |number: usize, id: &str| {
        format!(
            "<sup class=\"note-reference\"><a href=\"#fn.{number}\" id=\"{id}\" role=\"doc-noteref\">{number}</a></sup>"
        )
    };
    let note = |number: usize, text: &str| {
        format!(
            "<aside class=\"note\" id=\"fn.{number}\" role=\"doc-footnote\"><p><a class=\"note-number\" \
             href=\"#fnref.{number}\" aria-label=\"{number}: Back to the text\">{number}</a> {text}</p></aside>"
        )
    };
    let (first, again, second) = (mark(1, "fnref.1"), mark(1, "fnref.1.2"), mark(2, "fnref.2"));
    check(
        "a[^z] b[^a]\n\nc[^z] d[^none]\n\n[^a]: A.\n[^z]: Z.\n[^unused]: U.",
        &format!(
            "<div class=\"noted\">\n<p>a{first} b{second}</p>\n{}\n{}\n</div>\n<p>c{again} d[^none]</p>",
            note(1, "Z."),
            note(2, "A.")
        ),
    );
    // A heading's note stands below what follows it, and what only a note refers to at the end.
    check(
        "#### H[^a]\n\nb\n\n[^a]: A[^z].\n\n[^z]: Z.",
        &format!(
            "<h4>H{first}</h4>\n<div class=\"noted\">\n<p>b</p>\n{}\n</div>\n{}",
            note(1, &format!("A{second}.")),
            note(2, "Z.")
        ),
    );
}

#[test]
fn the_switch_of_language_knows_which_heading_is_which() {
    let rendered = made(&book(vec![
        chapter("en", "one", "# One\n\n## Same {#same}\n\n## Left {#left}"),
        chapter("zh", "one", "# 一\n\n## 同 {#same}\n\n## 左 {#zuo}"),
        chapter("en", "two", "# Two\n\n## A {#a}"),
        chapter("zh", "two", "# 二\n\n## 甲 {#jia}\n\n## 乙 {#yi}"),
    ]));
    let link = "<a href=\"zh/one.html\" lang=\"zh\" hreflang=\"zh\" data-same data-anchors=\"{&quot;left&quot;:&quot;zuo&quot;}\">";
    assert!(page(&rendered, "one.html").contains(link));
    assert!(!page(&rendered, "two.html").contains("data-anchors"));
}

#[test]
fn a_very_long_book_has_a_short_navigation() {
    let chapters = (0..300).map(|n| chapter("en", &format!("c{n:03}"), "")).collect();
    let rendered = made(&book(chapters));
    let of = |name: &str| page(&rendered, name).split("</nav>").next().unwrap().to_owned();
    let middle = of("c150.html");
    assert_eq!(middle.matches("<li>").count(), 60);
    assert!(middle.contains("All chapters") && middle.contains("<span>c121</span>"), "{middle}");
    assert!(of("c299.html").contains("<span>c299</span>") && of("c000.html").contains("<span>c000</span>"));
    assert_eq!(page(&rendered, "index.html").matches("<a class=\"toc-chapter\"").count(), 300);
}

#[test]
fn references_and_values_lead_to_their_targets() {
    let check = |markdown: &str, expected: &str| {
        let body = body(&format!("{markdown}\n\n## Two {{#sec-two}}\n\n`claim:claim-one`"));
        assert_eq!(body.lines().next().unwrap(), expected, "{markdown}");
    };
    check("`@sec-two`", "<p><a class=\"reference\" href=\"#sec-two\">Section\u{a0}1.1</a></p>");
    let verdict = "<span class=\"verdict refuted\">refuted</span>";
    let claim = format!("<p><a class=\"reference\" href=\"#claim-one\">Claim\u{a0}1.1 {verdict}</a></p>");
    check("`@claim-one`", &claim);
    check("`@fig-none`", "<p>@fig-none</p>");
    check("`val:93 %`", "<p><a class=\"value\" href=\"#claim-one\" title=\"5 &quot;seeds&quot;\">93 %</a></p>");
    // Links do not nest, and an image's text has no markup.
    check("[see `@sec-two`](https://a.b)", "<p><a href=\"https://a.b\">see Section\u{a0}1.1</a></p>");
    check("![`val:9` `@sec-two`](https://a.b)", "<p><img src=\"https://a.b\" alt=\"9 Section\u{a0}1.1\"></p>");
}

#[test]
fn an_element_twice_on_a_page_has_one_anchor() {
    let body = body("`claim:claim-one` `claim:claim-one` `claim:claim-two`");
    assert_eq!(body.matches("id=\"claim-one\"").count(), 1);
    assert_eq!(body.matches("Claim\u{a0}1.1</span>").count(), 2);
    assert_eq!(body.matches("Claim\u{a0}1.2</span>").count(), 1);
    assert!(body.contains("a &lt; b") && body.contains("refuted"));
}

#[test]
fn links_and_images_are_right_from_every_folder() {
    let markdown = "![x](img/a%20b.png) [c](../data/c.csv#r) [two](two.md#sec) [up](../../secret) [web](https://a.b) [p](one.html)";
    let rendered = made(&book(vec![
        chapter("en", "one", markdown),
        chapter("en", "two", "## S {#sec}"),
        chapter("zh", "one", "![x](img/a%20b.png) [two](two.md)"),
    ]));
    let english = page(&rendered, "one.html");
    for link in [
        "src=\"files/chapters/img/a%20b.png\"",
        "href=\"files/data/c.csv#r\"",
        "href=\"two.html#sec\"",
        "href=\"../../secret\"",
        "href=\"https://a.b\"",
        "href=\"one.html\"",
    ] {
        assert!(english.contains(link), "{link}");
    }
    let chinese = page(&rendered, "zh/one.html");
    assert!(chinese.contains("src=\"../files/chapters/img/a%20b.png\""));
    assert!(chinese.contains("href=\"../two.html\""));
    let needed: Vec<_> = rendered.needed.iter().map(|file| (file.source.as_str(), file.path.as_str())).collect();
    assert_eq!(needed, [("chapters/img/a b.png", "files/chapters/img/a b.png"), ("data/c.csv", "files/data/c.csv")]);
}

#[test]
fn each_language_has_its_pages_numbers_and_words() {
    let mut book = book(vec![
        chapter("en", "one", "# One"),
        chapter("en", "two", "# Two\n\n## Part {#sec-part}\n\n`claim:claim-one`"),
        chapter("zh", "two", "# 二\n\n## 节 {#sec-part}\n\n`@sec-part` `@claim-one`"),
    ]);
    book.url = Some("https://a.b/c/".into());
    let rendered = made(&book);
    let paths: Vec<_> = rendered.outputs.iter().map(|output| output.path.as_str()).collect();
    let assets = ["code.js", "figures.js", "labbook.css", "labbook.js", "search.js", "search/en.js", "search/zh.js"];
    let english = ["index.html", "one.html", "two.html", "colophon.html", "print.html"];
    let chinese = ["zh/index.html", "zh/two.html", "zh/colophon.html", "zh/print.html"];
    assert_eq!(paths, [&assets[..], &english, &chinese].concat());

    let chinese = page(&rendered, "zh/two.html");
    assert!(chinese.contains("<html lang=\"zh\">") && chinese.contains("href=\"../labbook.css\""));
    // The second chapter is the second in each language, and what only English has is found there.
    assert!(chinese.contains("<a class=\"reference\" href=\"#sec-part\">第 2.1 节</a>"));
    let claim = "<a class=\"reference\" href=\"../two.html#claim-one\">论断\u{a0}2.1 <span class=\"verdict refuted\">";
    assert!(chinese.contains(claim));
    assert!(chinese.contains("<link rel=\"alternate\" hreflang=\"en\" href=\"https://a.b/c/two.html\">"));
    // Where a chapter is not translated, the switch leads to the other language's first page and says so to nobody else.
    let english = page(&rendered, "one.html");
    assert!(english.contains("<a href=\"zh/index.html\" lang=\"zh\" hreflang=\"zh\">中文</a>"));
    assert!(!english.contains("rel=\"alternate\" hreflang=\"zh\""));
}

#[test]
fn a_figure_shown_twice_has_its_names_once() {
    let svg = "<svg aria-labelledby=\"f-title\"><title id=\"f-title\">F</title></svg>".to_owned();
    let figure = || Element::Figure(Figure { id: "f".into(), drawing: Drawing::Svg(svg.clone()), ..Figure::default() });
    let pieces = (0..3).map(|_| Piece::Element(Box::new(figure()))).collect();
    let page = page(&made(&book(vec![Chapter { pieces, ..chapter("en", "one", "") }])), "one.html");
    for id in ["f-title", "f-title.2", "f-title.3"] {
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
        assert_eq!(page.matches(&format!("aria-labelledby=\"{id}\"")).count(), 1, "{id}");
    }
}

#[test]
fn colours_of_the_page_are_those_of_drawings() {
    let templates = Templates::new(&BTreeMap::new()).unwrap();
    let (_, css) = templates.assets().find(|(name, _)| *name == "labbook.css").unwrap();
    for color in
        crate::figure::theme::colors().filter(|color| !["fig-ink", "fig-muted", "fig-page"].contains(&color.name))
    {
        let line = format!("--{}: light-dark(#{:06x}, #{:06x});", color.name, color.light, color.dark);
        assert!(css.contains(&line), "{line}");
    }
}

#[test]
fn a_language_without_chapters_is_left_out() {
    let rendered = made(&book(vec![chapter("en", "one", "")]));
    assert!(!rendered.outputs.iter().any(|output| output.path.starts_with("zh/")));
    assert!(!page(&rendered, "one.html").contains("class=\"languages\""));
}

#[test]
fn chapters_called_like_our_own_pages_get_another_name() {
    let rendered = made(&book(vec![chapter("en", "index", ""), chapter("en", "colophon", "")]));
    let pages = rendered.outputs.iter().map(|output| output.path.as_str()).filter(|path| path.ends_with(".html"));
    let pages: Vec<_> = pages.collect();
    assert_eq!(pages, ["index.html", "index-chapter.html", "colophon-chapter.html", "colophon.html", "print.html"]);
}

#[test]
fn a_book_that_is_not_the_full_one_says_so_on_every_page() {
    let mut quick = book(vec![chapter("en", "one", "")]);
    quick.profile = Some("quick".to_owned());
    let rendered = made(&quick);
    for path in ["index.html", "one.html", "colophon.html"] {
        assert!(page(&rendered, path).contains("Quick build"), "{path}");
    }
}

#[test]
fn text_of_the_book_is_escaped() {
    let mut hostile = book(vec![chapter("en", "a\"b", "text")]);
    hostile.chapters[0].title = "<script>".to_owned();
    hostile.chapters[0].description = Some("\" onload=\"x".to_owned());
    let rendered = made(&hostile);
    let page = page(&rendered, "a\"b.html");
    assert!(page.contains("<h1>&lt;script&gt;</h1>"));
    assert!(page.contains("content=\"&quot; onload=&quot;x\""));
    assert!(page.contains("href=\"a%22b.html\""));
}

#[test]
fn anchors_of_the_page_and_of_headings_do_not_clash() {
    let titles = ["contents", "theme", "text", "toc", "claims", "notes", "one", "claim", "figure", "fn-1"];
    let headings: String = titles.iter().map(|title| format!("## {title} {{#{title}}}\n\n")).collect();
    let page = page(&made(&book(vec![chapter("en", "one", &(headings + "a[^1]\n\n[^1]: b"))])), "one.html");
    for title in titles {
        assert_eq!(page.matches(&format!(" id=\"{title}\"")).count(), 1, "{title}");
    }
}

#[test]
fn an_empty_book_has_its_own_pages() {
    let pages = made(&Book::default()).outputs.into_iter().map(|output| output.path);
    let pages: Vec<_> = pages.filter(|path| path.ends_with(".html")).collect();
    assert_eq!(pages, ["index.html", "colophon.html", "print.html"]);
}
