//! What a caller sees of the SVG: well-formed, complete, the same each time, whatever the data.

use ndarray::{Array2, array};
use proptest::prelude::*;

use super::*;

/// Draws and checks what holds for every figure: well-formed XML and only finite numbers.
fn drawn(chart: &Chart) -> String {
    let svg = draw(chart);
    well_formed(&svg);
    assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
    assert_eq!(svg, draw(chart), "drawn twice, equal bytes");
    svg
}

/// Every element is closed in its order and all markup in texts and attributes is escaped.
fn well_formed(svg: &str) {
    let mut open = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a bare > in {:?}", &rest[..start]);
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        assert!(!tag.contains('<') && tag.matches('"').count().is_multiple_of(2), "tag {tag:?}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "closes what is open"),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().expect("a tag has a name")),
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

fn of(marks: Marks) -> Chart {
    Chart { panels: vec![marks.into()], ..Chart::default() }
}

fn line(name: &str, points: &[[f64; 2]]) -> Line {
    let points = points.iter().map(|&[x, y]| Point { x, y: y.into() }).collect();
    Line { name: name.into(), points, ..Line::default() }
}

fn count(svg: &str, part: &str) -> usize {
    svg.matches(part).count()
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn lines_have_bands_markers_and_names() {
    let mut a = line("net <a>", &[[1.0, 0.5], [2.0, 0.7], [3.0, 0.9]]);
    for point in &mut a.points {
        point.y.interval = Some([point.y.value - 0.1, point.y.value + 0.1]);
    }
    let svg = drawn(&of(Marks::Lines(vec![a, line("b", &[[1.0, 0.1], [3.0, 0.2]])])));
    assert_eq!((count(&svg, "class=\"curve\""), count(&svg, "class=\"point\"")), (2, 5));
    assert_eq!(count(&svg, "Z\" fill=\"var(--fig-1, #2c6bd8)\" fill-opacity=\"0.16\""), 1, "one band");
    assert!(svg.contains(">net &lt;a&gt;</text>") && !svg.contains("class=\"legend\""), "named at their ends");
    assert!(svg.contains("<title>net &lt;a&gt;, x 2: 0.7 [0.6, 0.8]</title>"));
}

#[test]
fn a_fitted_curve_and_a_segment_are_drawn_dashed_and_only_where_there_are_some() {
    let mut fitted = line("a", &[[1.0, 3.0], [2.0, 2.0]]);
    fitted.fitted = vec![[1.0, 3.1], [1.5, 2.4], [2.0, 1.9]];
    let mut chart = of(Marks::Lines(vec![fitted, line("b", &[[1.0, 1.0], [2.0, 2.0]])]));
    let segment = Place::Segment([[1.0, 1.0], [2.0, 2.0]]);
    chart.panels[0].annotations = vec![Annotation { place: segment, label: String::new() }];
    let svg = drawn(&chart);
    assert_eq!((count(&svg, "class=\"fitted\""), count(&svg, "stroke-dasharray=\"2 4\"")), (1, 1));
    assert_eq!(count(&svg, "stroke-dasharray=\"4 3\""), 1, "the segment");
}

#[test]
fn names_without_room_at_the_ends_stand_in_a_row() {
    let ends_early = vec![line("a", &[[1.0, 1.0], [2.0, 2.0]]), line("b", &[[1.0, 1.5], [9.0, 3.0]])];
    assert!(drawn(&of(Marks::Lines(ends_early))).contains("class=\"legend\""));
    let many = (0..20).map(|i| line(&format!("s{i}"), &[[1.0, 1.0], [2.0, 2.0 + 1e-3 * f64::from(i)]])).collect();
    let svg = drawn(&of(Marks::Lines(many)));
    assert!(svg.contains("class=\"legend\"") && svg.contains("stroke-dasharray=\"6 3\"") && svg.contains("series-20"));
}

#[test]
fn a_diverged_run_ends_in_a_cross() {
    let mut broken = line("lr 1", &[[0.0, 1.0], [1.0, 2.0]]);
    broken.broken = vec![[2.0, f64::INFINITY]];
    assert_eq!(count(&drawn(&of(Marks::Lines(vec![broken]))), "class=\"broken\""), 1);
}

#[test]
fn what_an_axis_cannot_hold_is_counted() {
    let y = Axis { scale: Scale::Log10, ..Axis::default() };
    let marks = Marks::Lines(vec![line("a", &[[0.0, 1.0], [1.0, 0.0], [2.0, -1.0], [3.0, f64::NAN], [4.0, 10.0]])]);
    let svg = drawn(&Chart { y, ..of(marks) });
    assert!(svg.contains("2 values are not shown: not positive on a logarithmic axis."));
    assert!(svg.contains("1 value is not shown: not finite."));
}

#[test]
fn panels_share_axes_and_carry_titles() {
    let panel = |title: &str, top: f64| Panel {
        title: title.into(),
        marks: Marks::Lines(vec![line("a", &[[1.0, 0.0], [2.0, top]])]),
        annotations: Vec::new(),
    };
    let chart = Chart { panels: vec![panel("small", 1.0), panel("large", 8.0)], ..Chart::default() };
    let svg = drawn(&chart);
    assert_eq!((count(&svg, ">small</text>"), count(&svg, ">large</text>"), count(&svg, ">8</text>")), (1, 1, 1));
    let alone = Chart { panels: vec![panel("small", 1.0)], ..Chart::default() };
    assert!(!drawn(&alone).contains(">small</text>"), "a lone panel has no title");
}

#[test]
fn a_range_cuts_what_lies_beyond() {
    let y = Axis { range: [Some(0.0), Some(1.0)], ..Axis::default() };
    let svg = drawn(&Chart { y, ..of(Marks::Lines(vec![line("a", &[[0.0, 0.5], [1.0, 2.0], [2.0, 0.5]])])) });
    assert_eq!(count(&svg, "class=\"point\""), 2);
    let curve = &svg[svg.find("class=\"curve\"").expect("has a curve")..];
    assert_eq!(count(&curve[..curve.find("</g>").expect("closes")], "<path"), 2, "cut into two pieces");
}

#[test]
fn bars_boxes_and_bins_are_counted() {
    let interval = |value: f64| Estimate { value, interval: Some([value - 1.0, value + 1.0]), runs: 3 };
    let bars = Bars {
        categories: names(&["a", "b"]),
        series: vec![("s".into(), vec![interval(3.0), interval(4.0)]), ("t".into(), vec![2.0.into(), f64::NAN.into()])],
    };
    let svg = drawn(&of(Marks::Bars(bars)));
    assert_eq!((count(&svg, "class=\"column\""), count(&svg, ">0</text>")), (3, 1), "a gap; from zero");
    assert!(svg.contains("<title>a, s: 3 [2, 4] (n = 3)</title>"));

    let values = vec![vec![1.0, 2.0, 3.0, 4.0, 40.0], vec![2.0], Vec::new()];
    let boxes = Boxes { categories: names(&["a", "b", "c"]), series: vec![("s".into(), values)] };
    let svg = drawn(&of(Marks::Boxes(boxes)));
    assert_eq!((count(&svg, "class=\"box\""), count(&svg, "<circle")), (2, 2), "an outlier and a lone value");

    let histogram = Histogram { edges: vec![0.0, 1.0, 2.0], series: vec![("s".into(), vec![3.0, 5.0])] };
    assert_eq!(count(&drawn(&of(Marks::Histogram(histogram))), "class=\"bin\""), 2);
}

#[test]
fn matrices_have_cells_numbers_and_names() {
    let heat = Heat {
        rows: names(&["r1", "r2"]),
        columns: names(&["c1", "c2", "c3"]),
        values: array![[1.0, 2.0, 3.0], [4.0, f64::NAN, 6.0]],
        title: "loss".into(),
        scale: Scale::Linear,
        format: Format::Plain,
        contours: Vec::new(),
    };
    let svg = drawn(&of(Marks::Heat(heat.clone())));
    assert_eq!(count(&svg, "class=\"cell\""), 6);
    assert!(svg.contains("<title>r2, c3: 6</title>") && svg.contains(">loss</text>") && svg.contains(">r1</text>"));
    let contoured = drawn(&of(Marks::Heat(Heat { contours: vec![1.5], ..heat })));
    assert!(contoured.contains("class=\"contour\""));

    let confusion = Confusion { classes: names(&["cat", "dog"]), counts: array![[9, 1], [0, 0]] };
    let svg = drawn(&of(Marks::Confusion(confusion)));
    assert!(svg.contains("<title>cat → dog: 1 of 10</title>") && svg.contains("<title>dog → cat: 0 of 0</title>"));
}

#[test]
fn images_are_embedded_with_captions() {
    let image = |caption: &str| Image { pixels: vec![0, 255, 128], caption: caption.into() };
    let images = Images { shape: [2, 2, 1], images: vec![image("seven"), image("")], columns: None };
    let svg = drawn(&of(Marks::Images(images)));
    assert_eq!((count(&svg, "data:image/png;base64,"), count(&svg, ">seven</text>")), (2, 1));
}

#[test]
fn a_boundary_has_regions_and_samples() {
    let boundary = Boundary {
        classes: names(&["in", "out"]),
        x: [-1.0, 1.0],
        y: [-1.0, 1.0],
        grid: array![[0, 1], [0, 1]],
        samples: vec![Sample { at: [0.0, 0.5], class: 1 }, Sample { at: [9.0, 9.0], class: 0 }],
    };
    let svg = drawn(&of(Marks::Boundary(boundary)));
    assert_eq!((count(&svg, "fill-opacity=\"0.26\""), count(&svg, "stroke-width=\"5.4\"")), (2, 1));
    assert!(svg.contains(">out</text>"));
}

#[test]
fn annotations_are_drawn_where_they_lie_inside() {
    let mut chart = of(Marks::Lines(vec![line("a", &[[0.0, 0.0], [10.0, 10.0]])]));
    let at = |place, label: &str| Annotation { place, label: label.into() };
    chart.panels[0].annotations = vec![
        at(Place::X(5.0), "here"),
        at(Place::YRange([2.0, 3.0]), "zone"),
        at(Place::Point([f64::NAN, 1.0]), "nowhere"),
    ];
    let svg = drawn(&chart);
    assert!(svg.contains(">here</text>") && svg.contains(">zone</text>") && !svg.contains(">nowhere</text>"));
}

#[test]
fn a_figure_names_itself_to_screen_readers() {
    let chart = Chart { id: "fig-a".into(), title: "T & U".into(), description: "D \"q\"".into(), ..Chart::default() };
    let svg = drawn(&chart);
    assert!(svg.contains("aria-labelledby=\"fig-a-title fig-a-desc\""));
    assert!(svg.contains("<title id=\"fig-a-title\">T &amp; U</title>") && svg.contains("D &quot;q&quot;</desc>"));
    assert!(svg.contains("no finite results"));
}

#[test]
fn flattened_figures_need_no_variables() {
    let svg = drawn(&of(Marks::Lines(vec![line("a", &[[0.0, 1.0], [1.0, 2.0]])])));
    assert!(svg.contains("var(--fig-1, ") && !theme::flattened(&svg).contains("var("));
}

/// Numbers as runs yield them, the odd ones often.
fn number() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        4 => -1e3..1e3,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324, -1e300]),
    ]
}

fn marks() -> impl Strategy<Value = Marks> {
    let values = || prop::collection::vec(number(), 0..12);
    let text = || "[a-c<&\\u{4e00}\\u{0}\" ]{0,24}";
    let texts = move || prop::collection::vec(text(), 0..5);
    let estimate = (number(), number(), number(), any::<bool>()).prop_map(|(value, a, b, has)| Estimate {
        value,
        interval: has.then_some([a, b]),
        runs: 2,
    });
    let points = prop::collection::vec((number(), estimate.clone()).prop_map(|(x, y)| Point { x, y }), 0..12);
    let broken = prop::collection::vec([number(), number()], 0..2);
    let line =
        (text(), points, broken).prop_map(|(name, points, broken)| Line { name, points, broken, fitted: Vec::new() });
    let matrix = (0..5usize, 0..5usize, values())
        .prop_map(|(r, c, v)| Array2::from_shape_fn((r, c), |(i, j)| v.get(i * c + j).copied().unwrap_or(1.0)));
    let bar_series = prop::collection::vec((text(), prop::collection::vec(estimate, 0..5)), 0..4);
    let box_series = prop::collection::vec((text(), prop::collection::vec(values(), 0..5)), 0..4);
    let cloud = (text(), prop::collection::vec([number(), number()], 0..12));
    let samples = prop::collection::vec(([number(), number()], 0..4u32), 0..5);
    let heat = (texts(), texts(), matrix.clone(), values(), any::<bool>());
    prop_oneof![
        prop::collection::vec(line, 0..5).prop_map(Marks::Lines),
        prop::collection::vec(cloud.prop_map(|(name, points)| Cloud { name, points }), 0..4).prop_map(Marks::Scatter),
        (texts(), bar_series).prop_map(|(categories, series)| Marks::Bars(Bars { categories, series })),
        (texts(), box_series).prop_map(|(categories, series)| Marks::Boxes(Boxes { categories, series })),
        (values(), prop::collection::vec((text(), values()), 0..3))
            .prop_map(|(edges, series)| Marks::Histogram(Histogram { edges, series })),
        heat.prop_map(|(rows, columns, values, contours, log)| Marks::Heat(Heat {
            rows,
            columns,
            values,
            title: "t".into(),
            scale: if log { Scale::Log10 } else { Scale::Linear },
            format: Format::Percent,
            contours,
        })),
        (texts(), matrix.clone())
            .prop_map(|(classes, m)| Marks::Confusion(Confusion { classes, counts: m.mapv(|v| v as u64) })),
        ([0..4usize, 0..4, 0..5], prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..4)).prop_map(
            |(shape, images)| {
                let images = images.into_iter().map(|pixels| Image { pixels, caption: "c".into() }).collect();
                Marks::Images(Images { shape, images, columns: Some(shape[0]) })
            }
        ),
        (texts(), [number(), number()], [number(), number()], matrix, samples).prop_map(
            |(classes, x, y, m, samples)| {
                let samples = samples.into_iter().map(|(at, class)| Sample { at, class }).collect();
                Marks::Boundary(Boundary { classes, x, y, grid: m.mapv(|v| v as u32 % 3), samples })
            }
        ),
    ]
}

fn any_axis() -> impl Strategy<Value = Axis> {
    let format = prop::sample::select(vec![Format::Plain, Format::Percent, Format::Si, Format::Whole]);
    let scale = prop::sample::select(vec![Scale::Linear, Scale::Log10]);
    (scale, format, [prop::option::of(number()), prop::option::of(number())]).prop_map(|(scale, format, range)| Axis {
        title: "axis".into(),
        scale,
        format,
        range,
    })
}

proptest! {
    #[test]
    fn no_data_make_the_drawing_fail(
        marks in prop::collection::vec(marks(), 0..4),
        x in any_axis(),
        y in any_axis(),
        places in [number(), number(), number()],
        width_px in any::<u32>(),
        columns in prop::option::of(0..5usize),
    ) {
        let [a, b, c] = places;
        let annotations: Vec<_> = [Place::X(a), Place::Y(b), Place::Point([b, c]), Place::XRange([a, b]), Place::YRange([b, c])]
            .into_iter()
            .map(|place| Annotation { place, label: "note".into() })
            .collect();
        let panel = |marks| Panel { title: "panel".into(), marks, annotations: annotations.clone() };
        let panels = marks.into_iter().map(panel).collect();
        drawn(&Chart { panels, x, y, width_px, columns, ..Chart::default() });
    }
}
