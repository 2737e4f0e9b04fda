//! Where everything stands and what it is called: pages, numbers of chapters, sections, figures, tables and claims.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::{Book, Chapter, Citation, Element, Group, Piece, Verdict, words::Words, works};

/// Names of pages that are not chapters.
const OWN_PAGES: [&str; 3] = ["index", "colophon", "print"];
/// The page of the works cited, in a book that cites any.
const WORKS_PAGE: &str = "bibliography";

/// Every page and everything that can be referred to.
#[derive(Debug)]
pub struct Atlas {
    /// One a chapter of the book, in its order.
    pub places: Vec<Place>,
    /// By language, in the book's order: what each id means there.
    targets: Vec<(String, BTreeMap<String, Target>)>,
    /// The page of each chapter, by its file.
    pages: BTreeMap<String, String>,
    /// The provenance pages, by what they are of.
    provenance: BTreeMap<String, String>,
}

/// Where one chapter stands.
#[derive(Debug, Default)]
pub struct Place {
    /// Relative to the output: `zh/02-scale.html`.
    pub page: String,
    /// The same in every language: `2`, or `2.1` where chapters are nested; empty for one without a number.
    pub number: String,
    /// Counts the chapters of all languages, from 1; the same in every language.
    pub ordinal: usize,
    /// Its headings in order.
    pub headings: Vec<Heading>,
    /// Its citations in order.
    pub citations: Vec<CitationPlace>,
}

/// Where a chapter cites.
#[derive(Debug)]
pub struct CitationPlace {
    /// Its anchor.
    pub anchor: String,
    /// The number of the section, or of the chapter before its first one.
    pub number: String,
    /// The works.
    pub keys: Vec<String>,
}

/// One heading.
#[derive(Debug)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its anchor.
    pub id: Option<String>,
    /// `2.3` or `2.3.1`; deeper headings have none.
    pub number: Option<String>,
    /// Without markup.
    pub title: String,
}

/// What an id means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Key of the word that names it: `figure`, `section`, …
    pub kind: &'static str,
    /// Its page, relative to the output.
    pub page: String,
    /// Its anchor on that page.
    pub anchor: String,
    /// Its number; `None` for cards and deep headings.
    pub number: Option<String>,
    /// What it is called where it has no number.
    pub title: String,
    /// What the results say to it, where it is a claim.
    pub verdict: Option<Verdict>,
}

impl Target {
    /// What a reference to it says.
    pub fn name(&self, words: &Words) -> String {
        self.number.as_ref().map_or_else(|| self.title.clone(), |number| words.numbered(self.kind, number))
    }
}

impl Atlas {
    /// Walks the book once.
    pub fn of(book: &Book) -> Self {
        let mut targets: Vec<_> = languages(book).into_iter().map(|l| (l.to_owned(), BTreeMap::new())).collect();
        let mut places = Vec::with_capacity(book.chapters.len());
        let order: BTreeMap<&str, usize> = chapter_order(book).into_iter().zip(1..).collect();
        let numbers = chapter_numbers(book);
        let with_sections = book.chapters.iter().flat_map(|c| &c.standing).all(|standing| standing.number.len() < 2);
        // Chapters without a number count their figures together, so that no two have the same name.
        let mut unnumbered: BTreeMap<&str, Counts> = BTreeMap::new();
        for chapter in &book.chapters {
            let page = page_path(book, &chapter.language, &page_name(book, &chapter.slug));
            let slug = chapter.slug.as_str();
            let place = Place { page, number: numbers[slug].clone(), ordinal: order[slug], ..Place::default() };
            let mut survey = Survey::new(place, with_sections);
            if survey.place.number.is_empty() {
                survey.counts = unnumbered.remove(chapter.language.as_str()).unwrap_or_default();
            }
            chapter.pieces.iter().for_each(|piece| survey.piece(piece));
            if let Some((_, known)) = targets.iter_mut().find(|(language, _)| *language == chapter.language) {
                for (id, target) in survey.targets {
                    known.entry(id).or_insert(target);
                }
            }
            if survey.place.number.is_empty() {
                unnumbered.insert(&chapter.language, survey.counts);
            }
            places.push(survey.place);
        }
        let provenance = book.provenance.iter().map(|of| (of.id.clone(), of.page())).collect();
        let pages = book.chapters.iter().zip(&places).map(|(c, place)| (c.path.clone(), place.page.clone()));
        Self { pages: pages.collect(), places, targets, provenance }
    }

    /// The page of the chapter in this file of the book.
    pub fn page(&self, path: &str) -> Option<&str> {
        self.pages.get(path).map(String::as_str)
    }

    /// The page that tells where the thing of this id comes from.
    pub fn provenance(&self, id: &str) -> Option<&str> {
        self.provenance.get(id).map(String::as_str)
    }

    /// What `id` means to a reader of `language`: there if it stands there, else in the first language that has it.
    pub fn find(&self, language: &str, id: &str) -> Option<&Target> {
        let own = self.targets.iter().filter(|(l, _)| l == language);
        own.chain(&self.targets).find_map(|(_, known)| known.get(id))
    }
}

/// The languages that have chapters, in the book's order; the first one always counts.
pub fn languages(book: &Book) -> Vec<&str> {
    let first = book.languages.first().map_or("en", String::as_str);
    let rest = book.languages.iter().skip(1).map(String::as_str);
    let mut languages = vec![first];
    languages.extend(rest.filter(|&l| book.chapters.iter().any(|c| c.language == l)));
    languages
}

/// The path of a page in the output: those of the first language stand at the root.
pub fn page_path(book: &Book, language: &str, name: &str) -> String {
    if languages(book)[0] == language { format!("{name}.html") } else { format!("{language}/{name}.html") }
}

/// A chapter's page is named by its slug, unless one of our own has that name.
fn page_name(book: &Book, slug: &str) -> String {
    if OWN_PAGES.contains(&slug) || !book.works.is_empty() && slug == WORKS_PAGE {
        format!("{slug}-chapter")
    } else {
        slug.to_owned()
    }
}

/// Numbers by slug: those of the book's list of contents where there is one. Where the names of all files begin with
/// numbers that rise from chapter to chapter, those are meant; else chapters count from 1.
fn chapter_numbers(book: &Book) -> BTreeMap<&str, String> {
    let listed = book.chapters.iter().filter_map(|c| Some((c.slug.as_str(), dotted(&c.standing.as_ref()?.number))));
    let listed: BTreeMap<_, _> = listed.collect();
    if !listed.is_empty() {
        return listed;
    }
    let order = chapter_order(book);
    let meant: Option<Vec<usize>> = order.iter().map(|slug| leading_number(slug)).collect();
    let rising = meant.filter(|numbers| numbers.is_sorted_by(|a, b| a < b));
    let numbers = rising.unwrap_or_else(|| (1..=order.len()).collect());
    order.into_iter().zip(numbers.iter().map(usize::to_string)).collect()
}

/// `1.2` of 1 and 2.
pub fn dotted(number: &[usize]) -> String {
    number.iter().map(usize::to_string).collect::<Vec<_>>().join(".")
}

/// Each chapter once: in the order of the first language that has it, later ones appended.
fn chapter_order(book: &Book) -> Vec<&str> {
    let in_order = languages(book).into_iter().flat_map(|l| book.chapters.iter().filter(move |c| c.language == l));
    // Chapters in a language that the book does not name still get a page.
    let mut order: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for Chapter { slug, .. } in in_order.chain(&book.chapters) {
        if seen.insert(slug.as_str()) {
            order.push(slug);
        }
    }
    order
}

/// 2 of `02-scale`.
fn leading_number(slug: &str) -> Option<usize> {
    let digits = slug.len() - slug.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    slug[..digits].parse().ok()
}

/// How many figures, tables, claims and equations there were so far.
type Counts = BTreeMap<&'static str, usize>;

/// One walk over a chapter's pieces.
struct Survey {
    place: Place,
    targets: Vec<(String, Target)>,
    has_title: bool,
    sections: [usize; 2],
    /// Sections have numbers, or their chapters' own take up all levels.
    with_sections: bool,
    counts: Counts,
    /// The heading we are inside of.
    open: Option<Heading>,
}

impl Survey {
    fn new(place: Place, with_sections: bool) -> Self {
        let (targets, counts) = (Vec::new(), Counts::new());
        Self { place, targets, has_title: false, sections: [0; 2], with_sections, counts, open: None }
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Event(Event::Start(Tag::Heading { level, id, .. })) => {
                let number = self.section_number(*level);
                let id = id.as_ref().map(ToString::to_string);
                self.open = Some(Heading { level: *level as u8, id, number, title: String::new() });
            }
            Piece::Event(Event::End(TagEnd::Heading(_))) => self.close_heading(),
            Piece::Event(Event::Text(text) | Event::Code(text) | Event::InlineMath(text)) => self.title_text(text),
            Piece::Event(Event::SoftBreak | Event::HardBreak) => self.title_text(" "),
            Piece::Event(_) => {}
            Piece::Value(value) => {
                self.title_text(&value.text);
                if !value.id.is_empty() {
                    self.target(&value.id, &value.id, "number", None, value.text.clone());
                }
            }
            Piece::Reference(id) => self.title_text(id),
            Piece::Element(element) => self.element(element),
            Piece::Label(id) => self.numbered(id, "equation"),
            Piece::Citation(citation) => self.citation(citation),
            Piece::Container(_) => {}
        }
    }

    fn title_text(&mut self, text: &str) {
        if let Some(heading) = &mut self.open {
            heading.title.push_str(text);
        }
    }

    fn section_number(&mut self, level: HeadingLevel) -> Option<String> {
        let chapter = &self.place.number;
        match level {
            HeadingLevel::H1 if !self.has_title => {
                self.has_title = true;
                Some(chapter.clone()).filter(|number| !number.is_empty())
            }
            _ if chapter.is_empty() || !self.with_sections => None,
            HeadingLevel::H2 => {
                self.sections = [self.sections[0] + 1, 0];
                Some(format!("{chapter}.{}", self.sections[0]))
            }
            HeadingLevel::H3 => {
                self.sections[1] += 1;
                Some(format!("{chapter}.{}.{}", self.sections[0], self.sections[1]))
            }
            _ => None,
        }
    }

    fn close_heading(&mut self) {
        let Some(heading) = self.open.take() else { return };
        if let Some(id) = &heading.id {
            let kind = if heading.level == 1 { "chapter" } else { "section" };
            self.target(id, id, kind, heading.number.clone(), heading.title.clone());
        }
        self.place.headings.push(heading);
    }

    fn element(&mut self, element: &Element) {
        element.cited().into_iter().for_each(|cited| self.citation(&cited.citation));
        match element {
            Element::Figure(figure) => self.numbered(&figure.id, "figure"),
            Element::Group(group) => self.group(group),
            Element::Table(table) => self.numbered(&table.id, "table"),
            Element::Claim(claim) => {
                self.numbered(&claim.id, "claim");
                let stands = self.targets.iter_mut().find(|(id, _)| *id == claim.id);
                stands.expect("it was numbered").1.verdict = Some(claim.verdict);
            }
            Element::Card(card) => {
                // Headings' anchors have no dots, so that a section called like an experiment is no clash.
                let kind = card.kind.word();
                self.target(&card.id, &format!("{kind}.{}", card.id), kind, None, card.id.clone());
            }
        }
    }

    /// Several figures have one number, and each a letter behind it.
    fn group(&mut self, group: &Group) {
        self.numbered(&group.id, "figure");
        let whole = self.targets.iter().find(|(id, _)| *id == group.id).and_then(|(_, target)| target.number.clone());
        for (index, part) in group.parts.iter().enumerate() {
            if !self.targets.iter().any(|(known, _)| *known == part.id) {
                let number = whole.as_ref().map(|number| format!("{number}{}", Group::letter(index)));
                self.target(&part.id, &part.id, "figure", number, part.id.clone());
            }
        }
    }

    fn citation(&mut self, citation: &Citation) {
        let chapter = &self.place.number;
        let number = match self.sections {
            [0, _] => chapter.clone(),
            [section, 0] => format!("{chapter}.{section}"),
            [section, part] => format!("{chapter}.{section}.{part}"),
        };
        let anchor = works::citation_anchor(self.place.citations.len() + 1);
        self.place.citations.push(CitationPlace { anchor, number, keys: works::keys(citation) });
    }

    /// Counts what is shown for the first time.
    fn numbered(&mut self, id: &str, kind: &'static str) {
        if self.targets.iter().any(|(known, _)| known == id) {
            return;
        }
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        let number = match self.place.number.as_str() {
            "" => count.to_string(),
            chapter => format!("{chapter}.{count}"),
        };
        self.target(id, id, kind, Some(number), id.to_owned());
    }

    fn target(&mut self, id: &str, anchor: &str, kind: &'static str, number: Option<String>, title: String) {
        let target =
            Target { kind, page: self.place.page.clone(), anchor: anchor.to_owned(), number, title, verdict: None };
        self.targets.push((id.to_owned(), target));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_are_numbered_by_their_names_where_all_have_rising_numbers() {
        let numbers = |slugs: &[&str]| {
            let chapter = |slug: &&str| Chapter { slug: (*slug).into(), language: "en".into(), ..Chapter::default() };
            let book = Book { chapters: slugs.iter().map(chapter).collect(), ..Book::default() };
            let numbers = chapter_numbers(&book);
            slugs.iter().map(|slug| numbers[slug].clone()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&["00-start", "01-more", "10-end"]), ["0", "1", "10"]);
        assert_eq!(numbers(&["start", "02-more"]), ["1", "2"]);
        assert_eq!(numbers(&["2-b", "1-a"]), ["1", "2"]);
        assert_eq!(numbers(&["99999999999999999999999-x"]), ["1"]);
    }
}
