//! Authors' HTML made harmless, where a book says `safe = true`.
//!
//! The whole of a chapter is cleaned at once, since a tag of raw HTML may be closed paragraphs later, and since links of
//! Markdown may lead to scripts as well. What the tool itself wrote (drawings, formulas, code, numbers) would not survive that:
//! marks stand for it until the rest is clean. A mark carries a digest of the author's own text, so that no author can
//! write one.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

/// What begins and what ends a mark: characters that stand for nothing.
const MARK: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// Which HTML of an author gets into the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Raw {
    /// All of it, as it was written.
    #[default]
    AsWritten,
    /// What can neither run nor load anything.
    Harmless,
}

/// HTML of our own that is kept aside while an author's is cleaned.
#[derive(Debug)]
pub(super) struct Aside {
    /// What marks carry; `None` where there are none.
    key: Option<String>,
    raw: Raw,
    kept: Vec<String>,
}

impl Aside {
    /// For a text of which `written` gives all that the author wrote.
    pub(super) fn new(raw: Raw, written: impl FnOnce() -> String) -> Self {
        if raw == Raw::Harmless { Self::marking(raw, written) } else { Self { key: None, raw, kept: Vec::new() } }
    }

    /// The same, with marks even where nothing is to be cleaned: Markdown makes nothing of them.
    pub(super) fn marking(raw: Raw, written: impl FnOnce() -> String) -> Self {
        let key = blake3::hash(written().as_bytes()).to_hex()[..32].to_owned();
        Self { key: Some(key), raw, kept: Vec::new() }
    }

    /// What stands for `html`, of which every element is whole, until [`Aside::clean`].
    pub(super) fn keep(&mut self, html: String) -> String {
        let Some(key) = &self.key else { return html };
        self.kept.push(html);
        format!("{}{key}.{}{}", MARK[0], self.kept.len() - 1, MARK[1])
    }

    /// A text without what the author may not do, and with what was kept.
    pub(super) fn clean(&self, html: String) -> String {
        let Some(key) = &self.key else { return html };
        let clean = if self.raw == Raw::Harmless { POLICY.clean(&html).to_string() } else { html };
        let mut out = String::with_capacity(clean.len());
        let mut rest = clean.as_str();
        while let Some(start) = rest.find(MARK[0]) {
            let end = rest[start..].find(MARK[1]).map_or(rest.len(), |at| start + at + MARK[1].len_utf8());
            out.push_str(&rest[..start]);
            out.push_str(self.kept_as(&rest[start..end], key).unwrap_or_default());
            rest = &rest[end..];
        }
        out + rest
    }

    fn kept_as(&self, mark: &str, key: &str) -> Option<&str> {
        let number = mark.strip_prefix(MARK[0])?.strip_prefix(key)?.strip_prefix('.')?.strip_suffix(MARK[1])?;
        self.kept.get(number.parse::<usize>().ok()?).map(String::as_str)
    }
}

/// Tags for text, lists, tables, images and what can be folded; addresses on the web and beside the page.
static POLICY: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut policy = Builder::default();
    policy
        .add_generic_attributes(["class", "dir", "id", "role", "aria-hidden", "aria-label", "style"])
        .filter_style_properties(HashSet::from(["text-align"]))
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("img", ["decoding", "loading"])
        // Tabs and lists of tasks are made of these; what they say goes nowhere.
        .add_tags(["input", "label"])
        .add_tag_attributes("input", ["checked", "disabled", "name"])
        .add_tag_attribute_values("input", "type", ["checkbox", "radio"])
        .add_tag_attributes("label", ["for"])
        .add_tag_attributes("time", ["datetime"])
        .add_tag_attributes("ol", ["reversed", "type"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        // Whoever wants none of these frames the page: a link of the book is not different from one of its author.
        .link_rel(None);
    policy
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_or_loads_is_gone_and_what_shows_stays() {
        let check = |html: &str, expected: &str| {
            let aside = Aside::new(Raw::Harmless, String::new);
            assert_eq!(aside.clean(html.to_owned()), expected);
        };
        check("<b onclick=\"run()\">a</b>", "<b>a</b>");
        check("a<script>run()</script>", "a");
        check("<script>a</script ><p>b", "<p>b</p>");
        check("<a href=\" JaVaScRiPt:run()\">a</a>", "<a>a</a>");
        check("<a href=\"java\nscript:run()\">a</a>", "<a>a</a>");
        check("<img src=x onerror=run()>", "<img src=\"x\">");
        check("<img src=\"data:text/html,a\">", "<img>");
        check("<svg><script>run()</script><a href=\"javascript:run()\">b</a></svg>", "");
        check("<svg onload=run()>a</svg>", "a");
        check("<math><mtext><style><img src=x onerror=run()></style></mtext></math>", "");
        check("<iframe src=\"https://a.b\">c</iframe><object data=d></object><base href=\"https://a.b\">", "c");
        check("<form action=\"https://a.b\"><input type=submit><button>c</button></form>", "<input>c");
        check("<p style=\"position:fixed;text-align:right\">a</p>", "<p style=\"text-align:right\">a</p>");
        check("<meta http-equiv=refresh content=\"0;url=javascript:run()\"><link rel=stylesheet href=a>", "");
        let split = "<noscript><p title=\"</noscript><img src=x onerror=run()>\"></noscript>";
        check(split, "&lt;p title=\"<img src=\"x\">\"&gt;");
        let shown = "<details open=\"\"><summary>a</summary><table><tbody><tr><td colspan=\"2\">b</td></tr></tbody></table></details>";
        check(shown, shown);
        check(
            "<a id=\"x\" href=\"../b.html#c\">d</a><kbd>e</kbd>",
            "<a id=\"x\" href=\"../b.html#c\">d</a><kbd>e</kbd>",
        );
    }

    #[test]
    fn what_is_ours_comes_back_and_nobody_else_can_call_it() {
        let mut aside = Aside::new(Raw::Harmless, || "text".to_owned());
        let mark = aside.keep("<svg onload=\"ours()\"/>".to_owned());
        let clean = aside.clean(format!("<p onclick=x>{mark}</p>"));
        assert_eq!(clean, "<p><svg onload=\"ours()\"/></p>");
        let forged = format!("{}0{}{}x.0{}", MARK[0], MARK[1], MARK[0], MARK[1]);
        assert_eq!(aside.clean(format!("<p title=\"{forged}\">a</p>")), "<p title=\"\">a</p>");
        assert_eq!(aside.clean(format!("a{}", MARK[0])), "a");
    }

    #[test]
    fn without_the_setting_all_is_as_it_was() {
        let mut aside = Aside::new(Raw::AsWritten, || unreachable!());
        let html = aside.keep("<script>run()</script>".to_owned());
        assert_eq!(aside.clean(html), "<script>run()</script>");
    }
}
