//! One element of each kind.

use labbook::figure::{Effect, Side, draw_effect};
use labbook::render::{
    Card, CardKind, Cell, Claim, Comparison, DataFiles, Drawing, Element, Fact, Figure, Grid, Output, Table, Verdict,
};

const LEARNERS: [(&str, f64, f64); 5] = [
    ("logistic", 0.845, 0.02),
    ("svm", 0.90, 0.035),
    ("small net", 0.90, 0.045),
    ("medium net", 0.92, 0.05),
    ("large net", 0.93, 0.06),
];

/// The element of that name.
pub fn element(id: &str) -> Element {
    match id {
        "letters" => Element::Card(card(
            CardKind::Dataset,
            id,
            "path  = \"data/letter.csv\"\nlabel = \"letter\"\nsplit = { train = 16000, test = 4000, shuffle = 7 }",
            &[("rows", "20,000"), ("columns", "16"), ("classes", "26")],
        )),
        "large-net" => Element::Card(card(
            CardKind::Model,
            id,
            "kind   = \"mlp\"\nhidden = [256, 256]",
            &[("parameters", "70,426")],
        )),
        "scale" => {
            let source = "dataset = \"letters\"\nmodels  = [\"logistic\", \"svm\", \"large-net\"]     # by id, or a bare built-in kind with its defaults\nsweep   = { m = [100, 300, 1000, 3000, 10000] }\ntrain   = { optimizer = \"adam\", lr = 1e-3, batch = 128, epochs = 30 }\nseeds   = 5\nmeasure = [\"test_accuracy\", \"train_loss\"]";
            let mut card = card(
                CardKind::Experiment,
                id,
                source,
                &[("runs", "125"), ("seeds", "5"), ("cost", "2 min 40 s (measured)"), ("data", "scale.csv")],
            );
            card.facts[3].link = Some("data/scale.csv".to_owned());
            card.notes = vec!["2 of 125 runs diverged; they count as *wrong on every row*.".to_owned()];
            Element::Card(card)
        }
        "fig-scale" => Element::Figure(figure(id)),
        "tbl-scale" => Element::Table(Table {
            id: id.to_owned(),
            caption: "Test accuracy in percent, mean ± half the 95 % interval over five seeds.".to_owned(),
            cited: Vec::new(),
            grid: grid(),
            files: files(),
            notes: vec!["Diverged runs are left out of the mean of *large net* at *m* = 100.".to_owned()],
            provenance: provenance(),
            command: Some("labbook run scale".to_owned()),
        }),
        "claim-large" => Element::Claim(claim(
            id,
            "With 10,000 labelled examples the large net beats logistic regression by over a point.",
            Verdict::Confirmed,
        )),
        "claim-small" => Element::Claim(claim(
            id,
            "With 100 examples the *large net* beats the support-vector machine.",
            Verdict::Refuted,
        )),
        "claim-open" => {
            Element::Claim(claim(id, "The medium net is better than the small one at every size.", Verdict::Undecided))
        }
        _ => Element::Claim(claim(id, "Nobody ran this yet.", Verdict::Unchecked)),
    }
}

/// Files that elements link to.
pub fn data_files() -> Vec<Output> {
    let file = |path: &str, text: String| Output { path: path.to_owned(), bytes: text.into_bytes() };
    vec![
        file("data/scale.csv", "model,m,value\n".to_owned()),
        file("data/fig-scale.csv", "model,m,value\n".to_owned()),
        file("data/fig-scale.json", "{}\n".to_owned()),
        file("figures/fig-scale.svg", svg()),
    ]
}

/// Made-up accuracies.
pub fn grid() -> Grid {
    let cell =
        |text: String| Cell { title: if text.contains('±') { "5 seeds".to_owned() } else { String::new() }, text };
    let header = ["model", "100", "300", "1,000", "3,000", "10,000"].map(str::to_owned).to_vec();
    let rows = LEARNERS.iter().map(|&(name, top, slope)| {
        let mut row = vec![cell(name.to_owned())];
        row.extend(
            (0..5).map(|k| cell(format!("{:.1} ± {:.1}", accuracy(top, slope, k) * 100.0, 1.4 - 0.25 * f64::from(k)))),
        );
        row
    });
    Grid { header, rows: rows.collect() }
}

fn accuracy(top: f64, slope: f64, k: i32) -> f64 {
    let left = f64::from(4 - k) / 4.0;
    top - slope * 5.0 * left * left + slope * 0.8 * f64::from(k) / 4.0
}

fn facts(pairs: &[(&str, &str)]) -> Vec<Fact> {
    let fact = |&(label, value): &(&str, &str)| Fact { label: label.to_owned(), value: value.to_owned(), link: None };
    pairs.iter().map(fact).collect()
}

fn provenance() -> Vec<Fact> {
    facts(&[
        ("experiment", "scale"),
        ("seeds", "0, 1, 2, 3, 4"),
        ("digest", "b3:9f86d081884c7d659a2feaa0c55ad015"),
        ("versions", "mlp 1, svm 1, logistic 1"),
    ])
}

fn card(kind: CardKind, id: &str, source: &str, shown: &[(&str, &str)]) -> Card {
    Card {
        kind,
        id: id.to_owned(),
        source: source.to_owned(),
        facts: facts(shown),
        details: provenance(),
        notes: Vec::new(),
        command: (kind == CardKind::Experiment).then(|| format!("labbook run {id}")),
    }
}

fn claim(id: &str, says: &str, verdict: Verdict) -> Claim {
    let effect = Effect {
        title: format!("{id}: the effect beside its margin"),
        description: "effect 7.4 points, margin > 1 points".to_owned(),
        axis: "difference by seed, points".to_owned(),
        seeds: [6.9, 7.2, 7.3, 7.7, 7.9].into_iter().enumerate().map(|(i, x)| (format!("seed {i}"), [x; 2])).collect(),
        mean: Some(7.4),
        interval: Some([6.9, 7.9]),
        margin: 1.0,
        margin_name: "margin".into(),
        claimed: Some(Side::Above),
    };
    let comparison = Comparison {
        text: None,
        verdict,
        picture: Some(draw_effect(&effect)),
        facts: facts(&[
            ("effect", "7.4 points"),
            ("margin", "> 1 points"),
            ("interval", "95 %: 6.9 to 7.9 points"),
            ("seeds", "5"),
            ("test", "Student's t, paired by seed"),
        ]),
    };
    Claim {
        id: id.to_owned(),
        says: says.to_owned(),
        holds: "scale[model=large-net, m=10000].test_accuracy > scale[model=logistic, m=10000].test_accuracy + 0.01"
            .to_owned(),
        verdict,
        comparisons: vec![comparison],
        facts: Vec::new(),
        late: false,
        former: Vec::new(),
        provenance: provenance(),
        command: Some("labbook run scale".to_owned()),
    }
}

fn files() -> DataFiles {
    DataFiles {
        csv: Some("data/fig-scale.csv".to_owned()),
        json: Some("data/fig-scale.json".to_owned()),
        svg: Some("figures/fig-scale.svg".to_owned()),
    }
}

fn figure(id: &str) -> Figure {
    Figure {
        id: id.to_owned(),
        drawing: Drawing::Svg(svg()),
        caption: "Test accuracy against the number of labelled examples *m* (log scale). Lines: mean of five seeds; bands: 95 % intervals.".to_owned(),
        cited: Vec::new(),
        alt: "All curves rise; the large net ends highest.".to_owned(),
        data: Some(grid()),
        files: files(),
        provenance: provenance(),
        command: Some("labbook run scale".to_owned()),
    }
}

fn svg() -> String {
    let (x, y) = (|k: i32| 70 + 140 * k, |a: f64| 340.0 - (a - 0.6) * 800.0);
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"400\" viewBox=\"0 0 760 400\" font-family=\"var(--fig-font, sans-serif)\" font-size=\"13.5\">",
    );
    for step in 0..5 {
        let a = 0.6 + 0.1 * f64::from(step);
        out += &format!(
            "<path d=\"M70 {0}H640\" stroke=\"var(--fig-grid,#e6e9ec)\"/><text x=\"60\" y=\"{1}\" text-anchor=\"end\" fill=\"var(--fig-muted,#565e66)\">{2:.0}%</text>",
            y(a),
            y(a) + 5.0,
            a * 100.0
        );
    }
    for (k, m) in ["100", "300", "1,000", "3,000", "10,000"].iter().enumerate() {
        out += &format!(
            "<text x=\"{}\" y=\"362\" text-anchor=\"middle\" fill=\"var(--fig-muted,#565e66)\">{m}</text>",
            x(k as i32)
        );
    }
    out += "<text x=\"350\" y=\"390\" text-anchor=\"middle\" font-size=\"15\" fill=\"var(--fig-ink,#1c2126)\">labelled examples m</text>";
    for (i, &(name, top, slope)) in LEARNERS.iter().enumerate() {
        let color = format!("var(--fig-{},#2c6bd8)", i + 1);
        let points: Vec<String> = (0..5).map(|k| format!("{} {:.1}", x(k), y(accuracy(top, slope, k)))).collect();
        let back: Vec<String> =
            (0..5).rev().map(|k| format!("{} {:.1}", x(k), y(accuracy(top, slope, k)) + 9.0)).collect();
        out += &format!(
            "<path d=\"M{}L{}Z\" fill=\"{color}\" opacity=\".16\"/><path d=\"M{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            points.join("L"),
            back.join("L"),
            points.join("L")
        );
        out += &format!("<text x=\"640\" y=\"{:.1}\" fill=\"{color}\">{name}</text>", y(accuracy(top, slope, 4)) + 5.0);
    }
    out + "</svg>"
}
