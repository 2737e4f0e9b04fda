//! An image as declared → a figure of the page.

use crate::experiment::image::{Image, Width};
use crate::render::{Drawing, Figure, ImageFile};

/// The figure of an image: it has no data and no provenance but its file.
pub fn figure(image: &Image) -> Figure {
    let width = image.width.map(|width| match width {
        Width::Px(px) => format!("{px}px"),
        Width::Percent(share) => format!("{share}%"),
    });
    let file =
        ImageFile { source: image.path.value.clone(), dark: image.dark.as_ref().map(|dark| dark.value.clone()), width };
    Figure {
        id: image.id.clone(),
        drawing: Drawing::File(file),
        caption: image.caption.clone(),
        alt: image.alt.clone(),
        ..Figure::default()
    }
}
