//! Draws one figure of each kind and a page that shows them all: `cargo run --example figure_gallery -- DIR`.
//!
//! For judging the theme with one's eyes, in light and dark, wide and narrow.

use std::path::Path;

use labbook::figure::*;
use labbook::{files, numerics::random::Stream};
use ndarray::Array2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let mut figures = String::new();
    for chart in gallery() {
        let svg = draw(&chart);
        files::write(&folder.join(format!("{}.svg", chart.id)), theme::flattened(&svg).as_bytes())?;
        figures += &format!("<figure>{svg}<figcaption>{}</figcaption></figure>\n", chart.title);
    }
    for (name, colors) in [("light", theme::light_css()), ("dark", theme::dark_css())] {
        let page = format!(
            "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Gallery</title>\
             <style>:root{{{colors}}}body{{background:var(--fig-page);color:var(--fig-ink);max-width:760px;\
             margin:10px auto;padding:0 10px;font:16px system-ui}}figure{{margin:0 0 30px}}</style>{figures}"
        );
        files::write(&folder.join(format!("{name}.html")), page.as_bytes())?;
    }
    Ok(())
}

fn gallery() -> Vec<Chart> {
    let mut charts = vec![curves(), epochs(), layers(), facets(), scatter(), bars(), boxes(), histogram()];
    charts.extend([heat(), confusion(), images(), boundary(), many(), empty(), chinese(), long(), narrow()]);
    charts
}

fn chart(id: &str, title: &str, marks: Marks) -> Chart {
    Chart {
        id: id.into(),
        title: title.into(),
        description: title.into(),
        panels: vec![marks.into()],
        ..Chart::default()
    }
}

fn axis(title: &str, scale: Scale, format: Format) -> Axis {
    Axis { title: title.into(), scale, format, ..Axis::default() }
}

fn noise(purpose: &str, index: usize) -> f64 {
    Stream::new(1, purpose).at(index as u64).normal()
}

const MODELS: [(&str, f64, f64, f64); 5] = [
    ("logistic regression", 0.885, 0.52, 0.42),
    ("support-vector machine", 0.962, 0.60, 0.44),
    ("small net", 0.948, 0.55, 0.46),
    ("medium net", 0.972, 0.58, 0.50),
    ("large net", 0.989, 0.57, 0.56),
];

fn learning_curves(purpose: &str, shift: f64) -> Vec<Line> {
    let rows = [100.0, 300.0, 1000.0, 3000.0, 10_000.0, 30_000.0];
    let curve = |i: usize, (name, top, rise, power): (&str, f64, f64, f64)| Line {
        name: name.into(),
        points: (rows.iter().enumerate())
            .map(|(j, &m)| {
                let value = top - shift - rise * libm::pow(m / 20.0, -power) + 0.003 * noise(purpose, i * 10 + j);
                let half = 0.045 * libm::pow(m / 100.0, -0.45);
                Point { x: m, y: Estimate { value, interval: Some([value - half, value + half]), runs: 5 } }
            })
            .collect(),
        broken: Vec::new(),
        fitted: Vec::new(),
    };
    MODELS.iter().enumerate().map(|(i, &model)| curve(i, model)).collect()
}

fn curves() -> Chart {
    let mut chart = chart("curves", "Learning curves of five models", Marks::Lines(learning_curves("curves", 0.0)));
    chart.panels[0].annotations = vec![
        Annotation { place: Place::Y(0.97), label: "people".into() },
        Annotation { place: Place::X(1797.0), label: "size of the classic set".into() },
    ];
    Chart {
        x: axis("Labelled examples m", Scale::Log10, Format::Si),
        y: axis("Test accuracy", Scale::Linear, Format::Percent),
        series_title: Some("Model".into()),
        notes: vec!["Mean of 5 seeds; bands are 95 % intervals of the mean (t).".into()],
        ..chart
    }
}

fn epochs() -> Chart {
    let line = |name: &str, rate: f64, last: usize| Line {
        name: name.into(),
        points: (0..last)
            .map(|e| {
                let value = 2.3 * libm::exp(-rate * e as f64) + 0.02 + 0.01 * noise(name, e).abs();
                Point { x: e as f64, y: Estimate { value, interval: Some([value * 0.8, value * 1.25]), runs: 5 } }
            })
            .collect(),
        broken: if last < 60 { vec![[last as f64, f64::INFINITY]] } else { Vec::new() },
        fitted: Vec::new(),
    };
    let lines =
        vec![line("lr 0.001", 0.03, 60), line("lr 0.01", 0.08, 60), line("lr 0.1", 0.2, 60), line("lr 1", 0.1, 14)];
    Chart {
        x: axis("Epoch", Scale::Linear, Format::Whole),
        y: axis("Training loss", Scale::Log10, Format::Plain),
        series_title: Some("Learning rate".into()),
        ..chart("epochs", "Training loss by epoch; a run diverges", Marks::Lines(lines))
    }
}

fn layers() -> Chart {
    let line = |name: &str, factor: f64| Line {
        name: name.into(),
        points: (1..=6)
            .map(|l| {
                let value = 0.3 * libm::pow(factor, 6.0 - f64::from(l)) * libm::exp(0.2 * noise(name, l as usize));
                Point { x: f64::from(l), y: Estimate { value, interval: Some([value * 0.6, value * 1.6]), runs: 5 } }
            })
            .collect(),
        broken: Vec::new(),
        fitted: Vec::new(),
    };
    Chart {
        x: axis("Layer, from the input", Scale::Linear, Format::Whole),
        y: axis("Gradient norm before training", Scale::Log10, Format::Plain),
        ..chart(
            "layers",
            "Gradients by layer",
            Marks::Lines(vec![line("sigmoid", 0.11), line("tanh", 0.5), line("ReLU", 0.85)]),
        )
    }
}

fn facets() -> Chart {
    let panels = ["glyphs", "wine quality", "iris", "spambase"].iter().enumerate().map(|(i, name)| Panel {
        title: (*name).into(),
        marks: Marks::Lines(learning_curves(name, 0.05 * i as f64)),
        annotations: Vec::new(),
    });
    Chart {
        panels: panels.collect(),
        x: axis("Labelled examples m", Scale::Log10, Format::Si),
        y: axis("Test accuracy", Scale::Linear, Format::Percent),
        series_title: Some("Model".into()),
        ..chart("facets", "Four data sets", Marks::Lines(Vec::new()))
    }
}

fn scatter() -> Chart {
    let cloud = |name: &str, shift: f64| Cloud {
        name: name.into(),
        points: (0..60).map(|i| [shift + noise(name, i), shift * 0.5 + noise(name, i + 100)]).collect(),
    };
    Chart {
        x: axis("Petal length (standardised)", Scale::Linear, Format::Plain),
        y: axis("Petal width (standardised)", Scale::Linear, Format::Plain),
        ..chart(
            "scatter",
            "Three classes",
            Marks::Scatter(vec![cloud("setosa", -2.0), cloud("versicolor", 0.5), cloud("virginica", 2.0)]),
        )
    }
}

fn bars() -> Chart {
    let series = |name: &str, gain: f64| {
        let values = (0..4).map(|i| {
            let value = 0.7 + gain + 0.05 * f64::from(i);
            Estimate { value, interval: Some([value - 0.03, value + 0.03]), runs: 5 }
        });
        (name.to_owned(), values.collect())
    };
    let bars = Bars {
        categories: ["logistic regression", "support-vector machine", "small net", "large net"]
            .map(String::from)
            .into(),
        series: vec![series("raw pixels", 0.0), series("histograms", 0.06)],
    };
    Chart {
        y: axis("Test accuracy", Scale::Linear, Format::Percent),
        ..chart("bars", "Features decide where data are few", Marks::Bars(bars))
    }
}

fn boxes() -> Chart {
    let series = |name: &str, shift: f64| {
        let values =
            |c: usize| (0..20).map(|i| 0.8 + shift + 0.03 * c as f64 + 0.02 * noise(name, c * 50 + i)).collect();
        (name.to_owned(), (0..5).map(values).collect())
    };
    let boxes = Boxes {
        categories: ["sigmoid", "tanh", "ReLU", "leaky ReLU", "GELU"].map(String::from).into(),
        series: vec![series("2 hidden layers", 0.0), series("6 hidden layers", -0.02)],
    };
    Chart {
        y: axis("Test accuracy over 20 seeds", Scale::Linear, Format::Percent),
        ..chart("boxes", "Activations", Marks::Boxes(boxes))
    }
}

fn histogram() -> Chart {
    let edges: Vec<f64> = (0..=24).map(|i| -3.0 + 0.25 * f64::from(i)).collect();
    let count = |name: &str, shift: f64| {
        let draws: Vec<f64> = (0..2000).map(|i| shift + noise(name, i)).collect();
        let bin = |e: &[f64]| draws.iter().filter(|&&v| v >= e[0] && v < e[1]).count() as f64;
        (name.to_owned(), edges.windows(2).map(bin).collect())
    };
    let histogram =
        Histogram { series: vec![count("first layer", -0.4), count("last layer", 0.5)], edges: edges.clone() };
    Chart {
        x: axis("Activation", Scale::Linear, Format::Plain),
        y: axis("Units", Scale::Linear, Format::Plain),
        ..chart("histogram", "Activations by layer", Marks::Histogram(histogram))
    }
}

fn heat() -> Chart {
    let heat = Heat {
        rows: ["0.1", "0.03", "0.01", "0.003", "0.001"].map(String::from).into(),
        columns: ["16", "32", "64", "128", "256", "512", "1024"].map(String::from).into(),
        values: Array2::from_shape_fn((5, 7), |(r, c)| {
            if (r, c) == (0, 6) {
                f64::NAN
            } else {
                0.97 - 0.012 * libm::pow(r as f64 - 2.2, 2.0) - 0.01 * libm::pow(c as f64 - 4.0, 2.0)
            }
        }),
        title: "Valid accuracy".into(),
        scale: Scale::Linear,
        format: Format::Percent,
        contours: vec![0.9],
    };
    Chart {
        x: axis("Hidden units", Scale::Linear, Format::Plain),
        y: axis("Learning rate", Scale::Linear, Format::Plain),
        ..chart("heat", "Accuracy by learning rate and width", Marks::Heat(heat))
    }
}

fn confusion() -> Chart {
    let counts = Array2::from_shape_fn((10, 10), |(r, c)| match (r, c) {
        _ if r == c => 950 + (r * 7 % 40) as u64,
        (4, 9) | (9, 4) => 31,
        (3, 5) | (5, 3) => 44,
        (7, 1) => 120,
        _ => ((r * 13 + c * 7) % 5) as u64,
    });
    let classes = (0..10).map(|d| d.to_string()).collect();
    Chart {
        x: axis("Predicted", Scale::Linear, Format::Plain),
        y: axis("True", Scale::Linear, Format::Plain),
        ..chart("confusion", "Digits taken for each other", Marks::Confusion(Confusion { classes, counts }))
    }
}

fn images() -> Chart {
    let image = |i: usize| {
        let (cx, cy, r) = (14.0 + 2.0 * noise("cx", i), 14.0 + 2.0 * noise("cy", i), 5.0 + (i % 10) as f64 * 0.5);
        let pixel = |p: usize| {
            let (x, y) = ((p % 28) as f64 - cx, (p / 28) as f64 - cy);
            let off = (libm::sqrt(x * x + y * y) - r).abs();
            (255.0 * libm::exp(-off * off / 3.0)) as u8
        };
        Image { pixels: (0..784).map(pixel).collect(), caption: format!("{} as {}", i % 10, (i + 3) % 10) }
    };
    let images = Images { shape: [28, 28, 1], images: (0..60).map(image).collect(), columns: Some(10) };
    chart("images", "Sixty mistakes", Marks::Images(images))
}

fn boundary() -> Chart {
    let height = |x: f64| 0.25 + 0.75 * libm::cos(2.2 * x);
    let moon = |i: usize| {
        let angle = std::f64::consts::PI * (i / 2) as f64 / 75.0;
        let class = (i % 2) as u32;
        let (x, y) = if class == 0 {
            (libm::cos(angle), libm::sin(angle))
        } else {
            (1.0 - libm::cos(angle), 0.5 - libm::sin(angle))
        };
        Sample { at: [x + 0.12 * noise("mx", i), y + 0.12 * noise("my", i)], class }
    };
    let boundary = |bend: f64| Boundary {
        classes: vec!["upper moon".into(), "lower moon".into()],
        x: [-1.6, 2.6],
        y: [-1.2, 1.7],
        grid: Array2::from_shape_fn((120, 160), |(r, c)| {
            let (x, y) = (-1.6 + 4.2 * (c as f64 + 0.5) / 160.0, -1.2 + 2.9 * (r as f64 + 0.5) / 120.0);
            u32::from(y < bend * height(x + 1.0 - bend * 0.5) + 0.25 * (1.0 - bend))
        }),
        samples: (0..150).map(moon).collect(),
    };
    let panel = |title: &str, bend| Panel {
        title: title.into(),
        marks: Marks::Boundary(boundary(bend)),
        annotations: Vec::new(),
    };
    Chart {
        x: axis("x₁", Scale::Linear, Format::Plain),
        y: axis("x₂", Scale::Linear, Format::Plain),
        panels: vec![panel("logistic regression", 0.0), panel("small net", 0.7)],
        ..chart("boundary", "Two moons", Marks::Lines(Vec::new()))
    }
}

fn long() -> Chart {
    let categories: Vec<String> = (0..14).map(|i| format!("{i} hidden layers with dropout and weight decay")).collect();
    let values = (0..14).map(|i| Estimate {
        value: -3.0 + f64::from(i),
        interval: Some([-3.5 + f64::from(i), -2.5 + f64::from(i)]),
        runs: 3,
    });
    let series = vec![
        ("a model whose name tells its whole life from the first layer to the last".into(), values.collect()),
        ("b".into(), Vec::new()),
    ];
    Chart {
        y: axis("Gain in points over the baseline", Scale::Linear, Format::Plain),
        ..chart("long", "Long names", Marks::Bars(Bars { categories, series }))
    }
}

fn narrow() -> Chart {
    Chart { id: "narrow".into(), width_px: 360, ..curves() }
}

fn many() -> Chart {
    let line = |i: usize| Line {
        name: format!("model {}", i + 1),
        points: (0..8)
            .map(|x| Point { x: f64::from(x), y: (i as f64 + libm::sin(f64::from(x) + i as f64)).into() })
            .collect(),
        broken: Vec::new(),
        fitted: Vec::new(),
    };
    chart("many", "Twenty series", Marks::Lines((0..20).map(line).collect()))
}

fn empty() -> Chart {
    let point = |x: f64, y: f64| Point { x, y: y.into() };
    let line =
        Line { name: "a".into(), points: vec![point(1.0, f64::NAN), point(2.0, f64::INFINITY)], ..Line::default() };
    Chart { y: axis("Loss", Scale::Log10, Format::Plain), ..chart("empty", "Nothing finite", Marks::Lines(vec![line])) }
}

fn chinese() -> Chart {
    let mut chart = curves();
    let names = ["逻辑回归", "支持向量机", "小型网络", "中型网络", "大型神经网络"];
    if let Marks::Lines(lines) = &mut chart.panels[0].marks {
        lines.iter_mut().zip(names).for_each(|(line, name)| line.name = name.into());
    }
    chart.panels[0].annotations.clear();
    Chart {
        id: "chinese".into(),
        title: "学习曲线".into(),
        x: axis("训练样本数量 m", Scale::Log10, Format::Si),
        y: axis("测试准确率", Scale::Linear, Format::Percent),
        notes: vec!["五个随机种子的均值；色带为 95% 置信区间。".into()],
        ..chart
    }
}
