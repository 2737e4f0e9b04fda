//! Tabs and what can be folded → HTML that works without script: buttons of a radio group, and `<details>`.

use crate::markdown::Container;

use super::html;

/// The tabs of a page, as far as they are written.
#[derive(Default)]
pub(super) struct Tabs {
    /// How many groups there were.
    groups: usize,
    /// Of each group that is open, which one it is and how many tabs it has so far.
    open: Vec<(usize, usize)>,
}

impl Tabs {
    /// Writes a beginning or an end; `title` is HTML. `chapter` keeps the groups of several chapters on one page apart.
    pub(super) fn write(&mut self, container: &Container, title: &str, chapter: &str) -> String {
        match container {
            Container::Details(_) => format!("<details class=\"fold\"><summary>{title}</summary>\n"),
            Container::EndDetails => "</details>\n".to_owned(),
            Container::Tabs => {
                self.groups += 1;
                self.open.push((self.groups, 0));
                "<div class=\"tabs\">\n".to_owned()
            }
            Container::Tab(_) => self.tab(title, chapter),
            Container::EndTab => "</div>\n".to_owned(),
            Container::EndTabs => {
                self.open.pop();
                "</div>\n".to_owned()
            }
        }
    }

    fn tab(&mut self, title: &str, chapter: &str) -> String {
        let (group, count) = self.open.last_mut().expect("a tab stands in tabs");
        *count += 1;
        // Our own anchors have a dot, which those made from headings never have.
        let id = format!("tab.{group}.{count}");
        let checked = if *count == 1 { " checked" } else { "" };
        let name = html::escape(&format!("tabs.{chapter}.{group}"));
        format!(
            "<input type=\"radio\" name=\"{name}\" id=\"{id}\"{checked}><label for=\"{id}\">{title}</label>\n<div class=\"tab\">\n"
        )
    }
}
