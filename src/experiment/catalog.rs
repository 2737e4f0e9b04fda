//! Things in the order of the book, quickly found by their names.

use std::collections::BTreeMap;
use std::ops::Deref;

/// What has a name that is its own over the book.
pub trait Named {
    /// The name.
    fn id(&self) -> &str;
}

/// Named things in the order of the book. Reads as a slice; of two with one name the first is found.
#[derive(Debug, Clone)]
pub struct Catalog<T> {
    things: Vec<T>,
    /// Where each stands, by its name.
    places: BTreeMap<String, usize>,
}

impl<T: Named> Catalog<T> {
    /// The thing of this name.
    pub fn named(&self, id: &str) -> Option<&T> {
        self.place(id).map(|place| &self.things[place])
    }

    /// How many stand before the thing of this name.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }
}

impl<T> Default for Catalog<T> {
    fn default() -> Self {
        Self { things: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T: Named> Extend<T> for Catalog<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, things: I) {
        for thing in things {
            self.places.entry(thing.id().to_owned()).or_insert(self.things.len());
            self.things.push(thing);
        }
    }
}

impl<T> Deref for Catalog<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.things
    }
}

impl<'c, T> IntoIterator for &'c Catalog<T> {
    type Item = &'c T;
    type IntoIter = std::slice::Iter<'c, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.things.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Named for (&str, u32) {
        fn id(&self) -> &str {
            self.0
        }
    }

    #[test]
    fn things_keep_their_order_and_are_found_by_name() {
        let mut catalog = Catalog::default();
        catalog.extend([("b", 1), ("a", 2)]);
        catalog.extend([("b", 3)]);
        assert_eq!(catalog.iter().map(|thing| thing.1).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!((catalog.named("b"), catalog.place("a"), catalog.named("c")), (Some(&("b", 1)), Some(1), None));
    }
}
