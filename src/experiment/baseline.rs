//! The kinds of `{model}` that are classic algorithms → a [`Baseline`].

use crate::baselines::{
    Baseline, Criterion, ForestSpec, Gamma, Growth, Kernel, KnnSpec, LinearSpec, LogisticSpec, MaxFeatures, Metric,
    NaiveBayesSpec, SvmSpec, TreeSpec, Weights,
};
use crate::data::{DatasetSpec, TaskKind};
use crate::diagnostic::{Diagnostic, Span};
use crate::fields::{Fields, Value};

/// A kind of classic algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Logistic regression.
    Logistic,
    /// A support-vector machine.
    Svm,
    /// The nearest neighbours.
    Knn,
    /// Linear regression.
    Linear,
    /// Gaussian naive Bayes.
    NaiveBayes,
    /// A decision tree.
    Tree,
    /// A random forest.
    Forest,
    /// The rule that drew the rows.
    Oracle,
}

const WEIGHTS: &[(&str, Weights)] = &[("uniform", Weights::Uniform), ("distance", Weights::Distance)];
const CRITERIA: &[(&str, Criterion)] = &[("gini", Criterion::Gini), ("entropy", Criterion::Entropy)];
const MAX_FEATURES: &[(&str, MaxFeatures)] =
    &[("all", MaxFeatures::All), ("sqrt", MaxFeatures::Sqrt), ("log2", MaxFeatures::Log2)];
const METRICS: &[(&str, Metric)] = &[("euclidean", Metric::Euclidean), ("manhattan", Metric::Manhattan)];

/// Reads the keys of a kind.
pub fn read(kind: Kind, fields: &mut Fields<'_>) -> Baseline {
    match kind {
        Kind::Logistic => Baseline::Logistic(logistic(fields)),
        Kind::Svm => Baseline::Svm(svm(fields)),
        Kind::Knn => Baseline::Knn(knn(fields)),
        Kind::Linear => Baseline::Linear(linear(fields)),
        Kind::NaiveBayes => Baseline::NaiveBayes(naive_bayes(fields)),
        Kind::Tree => Baseline::Tree(tree(fields)),
        Kind::Forest => Baseline::Forest(forest(fields)),
        Kind::Oracle => Baseline::Oracle,
    }
}

fn logistic(fields: &mut Fields<'_>) -> LogisticSpec {
    let default = LogisticSpec::default();
    LogisticSpec {
        c: fields.float("C").above(0.0).or(default.c),
        max_iter: fields.read("max-iter").at_least(1.0).or(default.max_iter),
        tolerance: fields.float("tolerance").above(0.0).or(default.tolerance),
    }
}

fn svm(fields: &mut Fields<'_>) -> SvmSpec {
    let default = SvmSpec::default();
    let kernel = match fields.one_of("kernel", &[("rbf", "rbf"), ("linear", "linear")]).optional() {
        Some("linear") => Kernel::Linear,
        _ => Kernel::Rbf { gamma: gamma(fields) },
    };
    SvmSpec {
        kernel,
        c: fields.float("C").above(0.0).or(default.c),
        tolerance: fields.float("tolerance").above(0.0).or(default.tolerance),
    }
}

/// `"scale"`, `"auto"` or a number.
fn gamma(fields: &mut Fields<'_>) -> Gamma {
    match fields.entry("gamma").map(|e| &e.value.value) {
        Some(Value::Float(_) | Value::Integer(_)) => {
            fields.float("gamma").above(0.0).optional().map_or(Gamma::Scale, Gamma::Value)
        }
        _ => fields.one_of("gamma", &[("scale", Gamma::Scale), ("auto", Gamma::Auto)]).or(Gamma::Scale),
    }
}

fn knn(fields: &mut Fields<'_>) -> KnnSpec {
    let default = KnnSpec::default();
    KnnSpec {
        k: fields.read("k").at_least(1.0).or(default.k),
        weights: fields.one_of("weights", WEIGHTS).or(default.weights),
        metric: fields.one_of("metric", METRICS).or(default.metric),
    }
}

fn linear(fields: &mut Fields<'_>) -> LinearSpec {
    LinearSpec { alpha: fields.float("alpha").at_least(0.0).or(LinearSpec::default().alpha) }
}

fn naive_bayes(fields: &mut Fields<'_>) -> NaiveBayesSpec {
    let default = NaiveBayesSpec::default();
    NaiveBayesSpec { var_smoothing: fields.float("var-smoothing").above(0.0).or(default.var_smoothing) }
}

fn tree(fields: &mut Fields<'_>) -> TreeSpec {
    let max_features = max_features(fields).unwrap_or(TreeSpec::default().max_features);
    TreeSpec { max_features, growth: growth(fields) }
}

fn forest(fields: &mut Fields<'_>) -> ForestSpec {
    let default = ForestSpec::default();
    ForestSpec {
        trees: fields.read("trees").at_least(1.0).at_most(100_000.0).or(default.trees),
        bootstrap: fields.boolean("bootstrap").or(default.bootstrap),
        max_features: max_features(fields),
        growth: growth(fields),
    }
}

fn growth(fields: &mut Fields<'_>) -> Growth {
    let default = Growth::default();
    Growth {
        criterion: fields.one_of("criterion", CRITERIA).or(default.criterion),
        max_depth: fields.read("max-depth").at_least(1.0).optional(),
        min_samples_split: fields.read("min-samples-split").at_least(2.0).or(default.min_samples_split),
        min_samples_leaf: fields.read("min-samples-leaf").at_least(1.0).or(default.min_samples_leaf),
    }
}

/// A word, a number of columns, or a share of them.
fn max_features(fields: &mut Fields<'_>) -> Option<MaxFeatures> {
    match fields.entry("max-features").map(|e| &e.value.value) {
        Some(Value::Integer(_)) => fields.read("max-features").at_least(1.0).optional().map(MaxFeatures::Count),
        Some(Value::Float(_)) => {
            fields.float("max-features").above(0.0).at_most(1.0).optional().map(MaxFeatures::Share)
        }
        _ => fields.one_of("max-features", MAX_FEATURES).optional(),
    }
}

/// Says that an oracle has nobody to ask about its dataset.
pub fn without_rule(baseline: &Baseline, spec: &DatasetSpec, id: &str, span: Span) -> Option<Diagnostic> {
    if *baseline != Baseline::Oracle || spec.knows_best() {
        return None;
    }
    let message = format!("model `{id}` (oracle) asks the rule that drew the rows, and those of the dataset have none");
    let hint = "the generators `mail`, `clicks` and `drive` have one, where neither `features` nor `pca` hides a column from it";
    Some(Diagnostic::error(span, message).hint(hint))
}

/// Says that a model cannot learn the task of its dataset.
pub fn unfit(baseline: &Baseline, task: TaskKind, id: &str, span: Span) -> Option<Diagnostic> {
    let kind = baseline.kind();
    let (reason, others) = match (baseline.task()?, task) {
        (TaskKind::Classification, TaskKind::Regression) => {
            ("classifies, and the dataset is a regression", "`linear`, `knn`, `tree`, `forest`, `mlp` or `cnn`")
        }
        (TaskKind::Regression, TaskKind::Classification) => (
            "predicts numbers, and the dataset has classes",
            "`logistic`, `svm`, `knn`, `naive-bayes`, `tree`, `forest`, `mlp` or `cnn`",
        ),
        _ => return None,
    };
    let diagnostic = Diagnostic::error(span, format!("model `{id}` ({kind}) {reason}"));
    Some(diagnostic.hint(format!("use a model of kind {others}")))
}
