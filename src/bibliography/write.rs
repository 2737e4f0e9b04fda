//! What a style gives → HTML: everything escaped, links only to the web.

use hayagriva::citationberg::{FontStyle, FontVariant, FontWeight, TextDecoration, VerticalAlign};
use hayagriva::{BibliographyItem, ElemChild, ElemChildren, ElemMeta, Formatted};

use crate::formula::{self, Display};
use crate::markdown::Cite;
use crate::render::{Citation, CitationPart, Work, escape};

/// A citation with the works in it told apart, so that each can lead to its place in the list.
pub(super) fn citation(children: &ElemChildren, cite: &Cite) -> Citation {
    let mut parts = Vec::new();
    split(children, cite, &mut parts);
    // A style that writes nothing for a work, or nothing that says which, still names the first.
    if !parts.iter().any(|part| matches!(part, CitationPart::Work { .. })) {
        let html = html(children);
        let key = cite.works[0].key.value.clone();
        let html = if html.is_empty() { escape(&key) } else { html };
        parts = vec![CitationPart::Work { key, html }];
    }
    Citation { parts }
}

fn split(children: &ElemChildren, cite: &Cite, parts: &mut Vec<CitationPart>) {
    for child in &children.0 {
        match child {
            ElemChild::Elem(elem) => match elem.meta {
                Some(ElemMeta::Entry(index)) if index < cite.works.len() => {
                    let key = cite.works[index].key.value.clone();
                    parts.push(CitationPart::Work { key, html: html(&elem.children) });
                }
                _ => split(&elem.children, cite, parts),
            },
            other => {
                let mut text = String::new();
                push(other, &mut text);
                parts.push(CitationPart::Text(text));
            }
        }
    }
}

/// A work in the list.
pub(super) fn work(item: &BibliographyItem) -> Work {
    let label = item.first_field.as_ref().map(|field| {
        let mut label = String::new();
        push(field, &mut label);
        label
    });
    let mut text = String::new();
    plain(&item.content, &mut text);
    let html = stopped_once(html(&item.content).trim(), true);
    Work { key: item.key.clone(), label, html, text: stopped_once(text.trim(), false) }
}

/// Text without the full stop that a style sets behind a title which ends with another mark.
fn stopped_once(text: &str, is_html: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_tag, mut last) = (false, ' ');
    for (at, c) in text.char_indices() {
        in_tag |= is_html && c == '<';
        if !in_tag {
            let ends = !text[at + c.len_utf8()..].starts_with(|next: char| !next.is_whitespace() && next != '<');
            if c == '.' && ends && matches!(last, '?' | '!' | '？' | '！') {
                continue;
            }
            last = c;
        }
        in_tag &= c != '>';
        out.push(c);
    }
    out
}

fn html(children: &ElemChildren) -> String {
    let mut out = String::new();
    children.0.iter().for_each(|child| push(child, &mut out));
    out
}

fn push(child: &ElemChild, out: &mut String) {
    match child {
        ElemChild::Text(text) => formatted(text, out),
        ElemChild::Elem(elem) => elem.children.0.iter().for_each(|child| push(child, out)),
        ElemChild::Markup(formula) => {
            let source = formula.trim_matches('$');
            out.push_str(&formula::to_mathml(source, Display::Inline).unwrap_or_else(|_| escape(source)));
        }
        ElemChild::Link { text, url } if url.starts_with("https://") || url.starts_with("http://") => {
            out.push_str(&format!("<a href=\"{}\">", escape(url)));
            formatted(text, out);
            out.push_str("</a>");
        }
        ElemChild::Link { text, .. } => formatted(text, out),
        ElemChild::Transparent { .. } => {}
    }
}

fn formatted(text: &Formatted, out: &mut String) {
    let form = text.formatting;
    let tags = [
        (form.font_style == FontStyle::Italic, "i"),
        (form.font_weight == FontWeight::Bold, "b"),
        (form.font_variant == FontVariant::SmallCaps, "small"),
        (form.text_decoration == TextDecoration::Underline, "u"),
        (form.vertical_align == VerticalAlign::Sup, "sup"),
        (form.vertical_align == VerticalAlign::Sub, "sub"),
    ];
    let open: Vec<&str> = tags.into_iter().filter(|(is, _)| *is).map(|(_, tag)| tag).collect();
    open.iter().for_each(|tag| out.push_str(&format!("<{tag}>")));
    out.push_str(&escape(&text.text));
    open.iter().rev().for_each(|tag| out.push_str(&format!("</{tag}>")));
}

fn plain(children: &ElemChildren, out: &mut String) {
    for child in &children.0 {
        match child {
            ElemChild::Text(text) | ElemChild::Link { text, .. } => out.push_str(&text.text),
            ElemChild::Elem(elem) => plain(&elem.children, out),
            ElemChild::Markup(formula) => out.push_str(formula.trim_matches('$')),
            ElemChild::Transparent { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_no_full_stop_behind_it() {
        let check = |html, expected: &str| assert_eq!(stopped_once(html, true), expected);
        check("Ng. (2017). <i>Why is it taking off?</i>. ICML.", "Ng. (2017). <i>Why is it taking off?</i> ICML.");
        check("What now!. A", "What now! A");
        check("<a href=\"https://a.b/?.\">Up?</a>.", "<a href=\"https://a.b/?.\">Up?</a>");
        check("Is it ?.5", "Is it ?.5");
        assert_eq!(stopped_once("a < b?. c", false), "a < b? c");
    }
}
