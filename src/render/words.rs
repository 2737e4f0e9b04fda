//! The words of the interface, by language: one file each in `templates/words/`, more from the book.
//!
//! What a file leaves out is said in English, so that a language may be added word by word.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::templates::Error;

/// The built-in languages: code and file.
const BUILT_IN: [(&str, &str); 2] =
    [("en", include_str!("../../templates/words/en.toml")), ("zh", include_str!("../../templates/words/zh.toml"))];

/// Names of languages in themselves, for those that have no file of words.
const NAMES: &[(&str, &str)] = &[
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("pt", "Português"),
    ("ru", "Русский"),
];

/// The interface's words in all languages.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// By BCP 47 code; English is always there.
    languages: BTreeMap<String, Words>,
}

/// The interface's words in one language.
#[derive(Debug, Clone, Default)]
pub struct Words {
    comma: String,
    date: String,
    months: Vec<String>,
    /// Kind of thing → `Figure {number}`.
    numbered: BTreeMap<String, String>,
    table: BTreeMap<String, String>,
    name: Option<String>,
}

/// A file of words as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    comma: Option<String>,
    date: Option<String>,
    months: Option<Vec<String>>,
    #[serde(default)]
    numbered: BTreeMap<String, String>,
    #[serde(default)]
    words: BTreeMap<String, String>,
}

/// The language that a file of the book's `templates/` has words of: `words-de.toml`.
pub(super) fn language_of(name: &str) -> Option<&str> {
    name.strip_prefix("words-")?.strip_suffix(".toml")
}

impl Lexicon {
    /// The built-in words, with those of `own` (language → text of its file) over them.
    ///
    /// # Errors
    /// If a file is no TOML, or has a word that the interface does not use.
    pub fn new(own: &BTreeMap<&str, &str>) -> Result<Self, Error> {
        let mut lexicon = Self { languages: BTreeMap::new() };
        for (language, text) in BUILT_IN {
            let words = lexicon.read(language, text).expect("the built-in words are tested");
            lexicon.languages.insert(language.to_owned(), words);
        }
        for (language, text) in own {
            let words = lexicon.read(language, text)?;
            lexicon.languages.insert((*language).to_owned(), words);
        }
        Ok(lexicon)
    }

    /// The words of `language` (`zh`, `zh-CN`, `en`, …), or English.
    pub fn of(&self, language: &str) -> &Words {
        let known = [language, primary(language), "en"].into_iter().find_map(|l| self.languages.get(l));
        known.expect("English is built in")
    }

    /// A language's name in itself; its code where that is not known.
    pub fn name<'a>(&'a self, language: &'a str) -> &'a str {
        let own = self.languages.get(language).or_else(|| self.languages.get(primary(language)));
        let listed = || NAMES.iter().find(|(code, _)| *code == primary(language)).map(|(_, name)| *name);
        own.and_then(|words| words.name.as_deref()).or_else(listed).unwrap_or(language)
    }

    fn read(&self, language: &str, text: &str) -> Result<Words, Error> {
        let template = format!("words-{language}.toml");
        let file: File = toml::from_str(text).map_err(|e| Error {
            template: template.clone(),
            line: e.span().map(|span| text[..span.start].matches('\n').count() + 1),
            message: e.message().lines().next().unwrap_or_default().to_owned(),
        })?;
        // English is read first, over nothing; the others over what is known of them, else over English.
        let base = self.languages.contains_key("en").then(|| self.of(language).clone());
        if let Some(base) = &base {
            let unknown = |key: &&String| !base.table.contains_key(*key) && !base.numbered.contains_key(*key);
            if let Some(key) = file.words.keys().chain(file.numbered.keys()).find(unknown) {
                let line = text.lines().position(|line| line.trim_start().starts_with(key.as_str()));
                let message = format!("the interface has no word `{key}`");
                return Err(Error { template, line: line.map(|l| l + 1), message });
            }
            let strange = |(key, word): &(&String, &String)| {
                let known = base.table.get(*key).map_or_else(Vec::new, |word| blanks(word));
                blanks(word).into_iter().find(|blank| !known.contains(blank)).map(str::to_owned)
            };
            if let Some((key, blank)) = file.words.iter().find_map(|entry| Some((entry.0, strange(&entry)?))) {
                let line = text.lines().position(|line| line.contains(&format!("{{{blank}}}")));
                let message = format!("nothing is filled in for `{{{blank}}}` in `{key}`");
                return Err(Error { template, line: line.map(|l| l + 1), message });
            }
        }
        let mut words = base.unwrap_or_default();
        words.comma = file.comma.unwrap_or(words.comma);
        words.date = file.date.unwrap_or(words.date);
        words.months = file.months.filter(|months| months.len() == 12).unwrap_or(words.months);
        words.numbered.extend(file.numbered);
        words.table.extend(file.words);
        // A fallback's name is not this language's.
        words.name = file.name.or_else(|| self.languages.get(language).and_then(|known| known.name.clone()));
        Ok(words)
    }
}

impl Words {
    /// The word for `key`, or `key` itself where the interface has none.
    pub fn word<'a>(&'a self, key: &'a str) -> &'a str {
        self.table.get(key).map_or(key, String::as_str)
    }

    /// A phrase, such as `between {low} and {high}`, with what stands in its braces.
    pub fn say(&self, phrase: &str, parts: &[(&str, &dyn std::fmt::Display)]) -> String {
        let fill = |text: String, (name, part): &(&str, &dyn std::fmt::Display)| {
            text.replace(&format!("{{{name}}}"), &part.to_string())
        };
        parts.iter().fold(self.word(phrase).to_owned(), fill)
    }

    /// All of them, for the templates.
    pub fn table(&self) -> &BTreeMap<String, String> {
        &self.table
    }

    /// `Figure 2.1`.
    pub fn numbered(&self, kind: &str, number: &str) -> String {
        match self.numbered.get(kind) {
            Some(form) => form.replace("{number}", number),
            None => format!("{}\u{a0}{number}", self.word(kind)),
        }
    }

    /// What stands between names in a list.
    pub fn comma(&self) -> &str {
        &self.comma
    }

    /// A date such as `2026-11-25` as this language writes it; anything else as it stands.
    pub fn date(&self, date: &str) -> String {
        let mut parts = date.splitn(3, '-').map(str::parse::<u32>);
        let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) = (parts.next(), parts.next(), parts.next()) else {
            return date.to_owned();
        };
        let Some(month) = month.checked_sub(1).and_then(|month| self.months.get(month as usize)) else {
            return date.to_owned();
        };
        let form = self.date.replace("{year}", &year.to_string()).replace("{month}", month);
        form.replace("{day}", &day.to_string())
    }
}

/// The names of what is filled in.
fn blanks(phrase: &str) -> Vec<&str> {
    let mut blanks: Vec<&str> = phrase.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    blanks.sort_unstable();
    blanks
}

fn primary(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon(own: &[(&str, &str)]) -> Result<Lexicon, String> {
        Lexicon::new(&own.iter().copied().collect()).map_err(|e| e.to_string())
    }

    #[test]
    fn the_files_of_words_have_the_same_keys_and_blanks() {
        let [english, others @ ..] = BUILT_IN.map(|(_, text)| toml::from_str::<File>(text).unwrap());
        for other in others {
            assert!(other.words.keys().eq(english.words.keys()));
            assert!(other.numbered.keys().eq(english.numbered.keys()));
            for (key, word) in &english.words {
                assert_eq!(blanks(word), blanks(&other.words[key]), "{key}");
            }
        }
    }

    #[test]
    fn a_language_is_added_by_one_file_and_falls_back_to_english() {
        let own = lexicon(&[("de", "name = \"Deutsch\"\n[numbered]\nfigure = \"Abb. {number}\"")]).unwrap();
        let check = |language, expected: [&str; 3]| {
            let words = own.of(language);
            assert_eq!([own.name(language), &words.numbered("figure", "1.2"), words.word("next")], expected);
        };
        check("de-AT", ["Deutsch", "Abb. 1.2", "Next"]);
        check("zh-Hans", ["中文", "图\u{a0}1.2", "下一章"]);
        check("fr", ["Français", "Figure\u{a0}1.2", "Next"]);
        check("tlh", ["tlh", "Figure\u{a0}1.2", "Next"]);
    }

    #[test]
    fn a_mistake_in_a_file_of_words_has_its_place() {
        let check = |text, expected: &str| assert_eq!(lexicon(&[("de", text)]).unwrap_err(), expected);
        check("[words]\nnexxt = \"Weiter\"", "templates/words-de.toml:2: the interface has no word `nexxt`");
        check(
            "[words]\n\"{low} to {high}\" = \"{low} bis {hoch}\"",
            "templates/words-de.toml:2: nothing is filled in for `{hoch}` in `{low} to {high}`",
        );
        check("name = 3", "templates/words-de.toml:1: invalid type: integer `3`, expected a string");
    }

    #[test]
    fn dates_are_written_as_each_language_does() {
        let built_in = lexicon(&[]).unwrap();
        let check = |language, date, expected: &str| assert_eq!(built_in.of(language).date(date), expected);
        check("en", "2026-11-05", "5 November 2026");
        check("zh", "2026-11-05", "2026年11月5日");
        check("en", "Spring 2026", "Spring 2026");
        check("en", "2026-13-05", "2026-13-05");
    }
}
