//! Whether every link between files of the output leads somewhere. Links to other hosts are not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::render::tags::{self, Attribute};
use crate::render::{Output, address};

/// A link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// The page it stands on, relative to the output.
    pub page: String,
    /// The link as it stands there.
    pub href: String,
    /// What is wrong with it.
    pub reason: Reason,
}

/// The links of a book that lead nowhere, in the order of pages and places, each named once a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrokenLinks(pub Vec<BrokenLink>);

impl BrokenLinks {
    /// Warns of each; of those that leave the output, which lead somewhere where other books stand beside this one, once.
    pub fn report(&self, diagnostics: &mut Diagnostics) {
        let (outside, broken): (Vec<_>, Vec<_>) = self.0.iter().partition(|link| link.reason == Reason::Outside);
        let mut warn = |BrokenLink { page, href, reason }: &BrokenLink, hint: Option<String>| {
            let warning = Diagnostic::warning(None, format!("in `{page}`, the link `{href}` is broken: {reason}"));
            diagnostics.push(Diagnostic { hint, ..warning });
        };
        broken.iter().for_each(|link| warn(link, None));
        if let Some(first) = outside.first() {
            let others = outside.len() - 1;
            warn(first, (others > 0).then(|| format!("the book has {others} more that leave it")));
        }
    }
}

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The output has no such file.
    NoFile,
    /// The page is there, the anchor is not.
    NoAnchor,
    /// It leads out of the output folder.
    Outside,
    /// It starts with `/`: right only where the book stands at the root of a server.
    FromRoot,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoFile => "there is no such file in the output",
            Self::NoAnchor => "there is no such anchor on that page",
            Self::Outside => "it leads out of the output folder",
            Self::FromRoot => "it starts at the server's root, and a book may stand anywhere",
        })
    }
}

/// All links that lead nowhere.
pub fn check_links(outputs: &[Output]) -> BrokenLinks {
    let pages: Vec<(&Output, Page)> = outputs
        .par_iter()
        // The whole book on one page says again what the chapters say.
        .filter(|output| output.path.ends_with(".html") && !output.path.ends_with("print.html"))
        .map(|output| (output, Page::read(&String::from_utf8_lossy(&output.bytes))))
        .collect();
    let anchors: BTreeMap<&str, &BTreeSet<String>> =
        pages.iter().map(|(output, page)| (output.path.as_str(), &page.anchors)).collect();
    let files: BTreeSet<&str> = outputs.iter().map(|output| output.path.as_str()).collect();

    let mut broken = Vec::new();
    for (output, page) in &pages {
        let mut seen = BTreeSet::new();
        for href in &page.links {
            let reason = check(&output.path, href, &files, &anchors);
            if let Some(reason) = reason.filter(|_| seen.insert(href)) {
                broken.push(BrokenLink { page: output.path.clone(), href: href.clone(), reason });
            }
        }
    }
    BrokenLinks(broken)
}

fn check(
    page: &str,
    href: &str,
    files: &BTreeSet<&str>,
    anchors: &BTreeMap<&str, &BTreeSet<String>>,
) -> Option<Reason> {
    let (path, rest) = address::split(href);
    if path.starts_with('/') && !path.starts_with("//") {
        return Some(Reason::FromRoot);
    }
    if !address::is_beside(path) {
        return None;
    }
    let path = address::decode(path);
    let Some(mut target) = address::resolve(address::folder(page), &path) else { return Some(Reason::Outside) };
    if path.is_empty() {
        target = page.to_owned();
    } else if target.is_empty() || path.ends_with('/') {
        target = format!("{target}/index.html").trim_start_matches('/').to_owned();
    }
    if !files.contains(target.as_str()) {
        return Some(Reason::NoFile);
    }
    let anchor = address::decode(rest.split_once('#').map_or("", |(_, anchor)| anchor));
    // An empty anchor and `top` mean the top of any page.
    let is_top = anchor.is_empty() || anchor == "top";
    let known = anchors.get(target.as_str()).is_none_or(|known| is_top || known.contains(&anchor));
    if known { None } else { Some(Reason::NoAnchor) }
}

/// What links need to know of a page.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

impl Page {
    fn read(html: &str) -> Self {
        let mut page = Self::default();
        tags::each_attribute(html, &mut |Attribute { tag, key, value, .. }| match key.as_str() {
            "id" => drop(page.anchors.insert(value)),
            "name" if tag == "a" => drop(page.anchors.insert(value)),
            "href" | "src" | "xlink:href" | "poster" => page.links.push(value),
            _ => {}
        });
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &[(&str, Reason)]) {
        let output = |path: &str, text: &str| Output { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
        let outputs = [
            output("zh/a.html", body),
            output("index.html", "<h1 id=one>"),
            output("zh/index.html", ""),
            output("data/x y.csv", ""),
        ];
        let found = check_links(&outputs);
        let found: Vec<_> = found.0.iter().map(|link| (link.href.as_str(), link.reason)).collect();
        assert_eq!(found, expected, "{body}");
    }

    #[test]
    fn links_that_lead_somewhere_are_fine() {
        check("<a href='../index.html#one'>", &[]);
        check("<a href=\"#up\"><p id=\"up\">", &[]);
        check("<a href=#%E8%A7%84><p id=规>", &[]);
        check("<a href=\"#\"> <a href=\"#top\"> <a href=\"\"> <a href=\"./\"> <a href=\"../\">", &[]);
        check("<a href=\"../data/x%20y.csv?a&amp;b#row\">", &[]);
        check("<a href=\"https://example.org/\"> <a href=\"//example.org\"> <a href=\"mailto:a@b\">", &[]);
    }

    #[test]
    fn broken_links_are_found_once_each() {
        check("<a href=\"../index.html#two\">", &[("../index.html#two", Reason::NoAnchor)]);
        check("<img src=no.png><img src=no.png />", &[("no.png", Reason::NoFile)]);
        check("<a href='../../etc'>", &[("../../etc", Reason::Outside)]);
        check("<A HREF = \"/index.html\">", &[("/index.html", Reason::FromRoot)]);
        check("<svg><use xlink:href=\"#clip\"/></svg>", &[("#clip", Reason::NoAnchor)]);
    }

    #[test]
    fn what_is_no_tag_is_no_link() {
        check("<!-- <a href=\"no\"> --> a < b <3 <script>'<a href=\"no\">'</script>", &[]);
        check("<p data-href=no title='href=\"no\"'>", &[]);
    }
}
