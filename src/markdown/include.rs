//! What a chapter's splices stand for → nodes and code.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, Spanned};

use super::Node;
use super::splice::{self, Splice};
use super::walk::{Open, Walk, relative_to};

/// Files that include files, one in the other, within code.
const MAX_DEPTH: usize = 10;

impl Walk<'_, '_> {
    /// Puts in what a paragraph of splices alone stands for; `false` where it is another paragraph.
    pub(super) fn paragraph_of_splices(&mut self, open: &mut Open, range: &Range<usize>) -> bool {
        let block = &open.text[range.clone()];
        if !block.contains("{{#") {
            return false;
        }
        let place = |splice: &Splice<'_>| {
            Span::new(open.file, range.start + splice.range.start..range.start + splice.range.end)
        };
        let unknown = splice::find(block).into_iter().filter(|s| !s.escaped && !is_known(s.name));
        self.unknown.extend(unknown.map(|s| Spanned { value: s.name.to_owned(), span: place(&s) }));
        let Some(splices) = splice::alone(block).filter(|all| all.iter().all(|s| is_known(s.name))) else {
            return false;
        };
        let spans: Vec<Span> = splices.iter().map(place).collect();
        open.spliced = true;
        for (splice, span) in splices.iter().zip(spans) {
            match splice.name {
                // The page has the title of the contents.
                "title" => {}
                "include" => self.splice_text(splice, span),
                _ => self.splice_example(splice, span),
            }
        }
        true
    }

    /// Code with the files in it that its splices name.
    pub(super) fn spliced_code(&mut self, code: &str, span: Span, depth: usize) -> String {
        let mut out = String::with_capacity(code.len());
        let mut from = 0;
        for splice in splice::find(code).into_iter().filter(|s| splice::FILES.contains(&s.name)) {
            let start = splice.range.start - usize::from(splice.escaped);
            out.push_str(&code[from..start]);
            from = splice.range.end;
            let own = if splice.escaped { None } else { self.fetch(&splice, span) };
            match own {
                Some((path, file, range)) if depth < MAX_DEPTH => {
                    let text = splice::code(&Arc::clone(&self.sources.get(file).text), range);
                    self.chain.push(path);
                    out.push_str(&self.spliced_code(&text, span, depth + 1));
                    self.chain.pop();
                }
                _ => out.push_str(&code[splice.range]),
            }
        }
        out + &code[from..]
    }

    fn splice_text(&mut self, splice: &Splice<'_>, span: Span) {
        match self.fetch(splice, span) {
            Some((path, file, range)) => {
                self.chain.push(path);
                self.part(file, range);
                self.chain.pop();
            }
            None => self.as_written(splice, span),
        }
    }

    /// A program to look at: mdBook would let readers run it.
    fn splice_example(&mut self, splice: &Splice<'_>, span: Span) {
        let Some((_, file, range)) = self.fetch(splice, span) else { return self.as_written(splice, span) };
        let code = splice::code(&Arc::clone(&self.sources.get(file).text), range) + "\n";
        let kind = CodeBlockKind::Fenced("rust".into());
        for event in [Event::Start(Tag::CodeBlock(kind)), Event::Text(code.into()), Event::End(TagEnd::CodeBlock)] {
            self.nodes.push(Node::Event(event, span));
        }
    }

    fn as_written(&mut self, splice: &Splice<'_>, span: Span) {
        let text = format!("{{{{#{} {}}}}}", splice.name, splice.argument);
        for event in [Event::Start(Tag::Paragraph), Event::Text(text.into()), Event::End(TagEnd::Paragraph)] {
            self.nodes.push(Node::Event(event, span));
        }
    }

    /// The file that a splice names and the part of it that is meant. What cannot be had is told.
    fn fetch(&mut self, splice: &Splice<'_>, span: Span) -> Option<(String, FileId, Range<usize>)> {
        let found = self.find(splice);
        let told = |reason| {
            let message = format!("`{}` is printed as it stands: {reason}", splice.name);
            self.diagnostics.push(Diagnostic::warning(span, message));
        };
        found.map_err(told).ok()
    }

    fn find(&mut self, splice: &Splice<'_>) -> Result<(String, FileId, Range<usize>), String> {
        let from = self.chain.last().expect("the chapter itself is in the chain");
        let written = splice::path(splice.argument);
        let path = relative_to(from, written).ok_or_else(|| format!("`{written}` lies outside the book's folder"))?;
        if self.chain.contains(&path) {
            return Err(format!("`{path}` includes itself"));
        }
        let file = self.included(&path)?;
        let range = splice::range(splice.argument, &self.sources.get(file).text);
        let range = range.ok_or_else(|| format!("`{path}` has no such anchor"))?;
        Ok((path, file, range))
    }
}

fn is_known(name: &str) -> bool {
    name == "title" || splice::FILES.contains(&name)
}

/// Tells of what nothing is made of, once a kind.
pub(super) fn report_unknown(unknown: &[Spanned<String>], diagnostics: &mut Diagnostics) {
    let mut kinds: BTreeMap<&str, (Span, usize)> = BTreeMap::new();
    for Spanned { value, span } in unknown {
        kinds.entry(value).or_insert((*span, 0)).1 += 1;
    }
    for (kind, (span, count)) in kinds {
        let message = format!("`{{{{#{kind}}}}}` is not known and printed as it stands");
        let diagnostic = Diagnostic::warning(span, message);
        diagnostics.push(match count {
            1 => diagnostic,
            _ => diagnostic.hint(format!("it stands in {count} places of the book")),
        });
    }
}
