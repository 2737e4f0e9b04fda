//! What each baseline's fit depends on beside its rows and its seed; the defaults are scikit-learn's.

use serde::Serialize;

/// Logistic regression with an L2 penalty: binomial for two classes, multinomial (softmax) for more.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LogisticSpec {
    /// Inverse strength of the penalty, scikit-learn's `C`: minimised is `c · Σ loss + ½‖w‖²`, the intercept free.
    pub c: f64,
    /// Largest number of L-BFGS iterations; where it is reached, the best weights so far stand.
    pub max_iter: u32,
    /// Stops once the gradient of the mean objective is shorter than this.
    pub tolerance: f64,
}

/// A support-vector machine; more than two classes by one against one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SvmSpec {
    /// The kernel.
    pub kernel: Kernel,
    /// Upper bound of the dual coefficients, scikit-learn's `C`.
    pub c: f64,
    /// Largest violation of the optimality conditions left, scikit-learn's `tol`.
    pub tolerance: f64,
}

/// The kernel of a support-vector machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kernel {
    /// `k(x, z) = exp(-γ ‖x - z‖²)`.
    Rbf {
        /// γ, or how it is found.
        gamma: Gamma,
    },
    /// `k(x, z) = x·z`.
    Linear,
}

/// The width of an RBF kernel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gamma {
    /// 1 / (columns · variance of all training values), scikit-learn's `scale`.
    Scale,
    /// 1 / columns, scikit-learn's `auto`.
    Auto,
    /// This very number.
    Value(f64),
}

impl Default for LogisticSpec {
    fn default() -> Self {
        Self { c: 1.0, max_iter: 100, tolerance: 1e-4 }
    }
}

impl Default for SvmSpec {
    fn default() -> Self {
        Self { kernel: Kernel::Rbf { gamma: Gamma::Scale }, c: 1.0, tolerance: 1e-3 }
    }
}

/// The `k` nearest neighbours: their votes for a class, their mean of a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct KnnSpec {
    /// Number of neighbours.
    pub k: u32,
    /// What each of them counts.
    pub weights: Weights,
    /// What is near.
    pub metric: Metric,
}

/// What a neighbour counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weights {
    /// As much as any other.
    Uniform,
    /// The inverse of its distance; where neighbours have distance 0, only they count, equally.
    Distance,
}

/// The distance of two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// `√Σ (x - z)²`.
    Euclidean,
    /// `Σ |x - z|`.
    Manhattan,
}

impl Default for KnnSpec {
    fn default() -> Self {
        Self { k: 5, weights: Weights::Uniform, metric: Metric::Euclidean }
    }
}

/// Linear regression, by ordinary least squares or with an L2 penalty (ridge regression).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LinearSpec {
    /// Strength of the penalty: minimised is `‖y − X w − b‖² + alpha ‖w‖²`, the intercept free. 0 is ordinary least squares.
    pub alpha: f64,
}

/// Gaussian naive Bayes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NaiveBayesSpec {
    /// The share of the largest variance of any column that is added to every variance.
    pub var_smoothing: f64,
}

impl Default for NaiveBayesSpec {
    fn default() -> Self {
        Self { var_smoothing: 1e-9 }
    }
}

/// A decision tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TreeSpec {
    /// Columns looked at for a split.
    pub max_features: MaxFeatures,
    /// How it grows.
    #[serde(flatten)]
    pub growth: Growth,
}

/// A random forest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ForestSpec {
    /// Number of trees.
    pub trees: u32,
    /// Whether each tree learns from as many rows as there are, drawn with replacement.
    pub bootstrap: bool,
    /// Columns looked at for a split; `None`: see [`ForestSpec::max_features`].
    pub max_features: Option<MaxFeatures>,
    /// How its trees grow.
    #[serde(flatten)]
    pub growth: Growth,
}

/// How far a tree grows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Growth {
    /// What is told of classes; numbers are told apart by their squared error.
    pub criterion: Criterion,
    /// Splits from the root to a leaf, at most.
    pub max_depth: Option<u32>,
    /// A node of fewer rows is a leaf.
    pub min_samples_split: u32,
    /// Rows on each side of a split, at least.
    pub min_samples_leaf: u32,
}

/// Impurity of a node by the shares p of the classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// `1 − Σ p²`.
    Gini,
    /// `−Σ p ln p`.
    Entropy,
}

/// A number of columns that are drawn for each split; more where none of them varies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaxFeatures {
    /// All, in their order: nothing is drawn.
    All,
    /// The root of their number.
    Sqrt,
    /// The logarithm to base 2.
    Log2,
    /// So many.
    Count(u32),
    /// A share of them.
    Share(f64),
}

impl ForestSpec {
    /// Columns looked at for a split: the root of their number for classes and all for numbers, where nothing else is said.
    pub fn max_features(&self, regression: bool) -> MaxFeatures {
        let usual = if regression { MaxFeatures::All } else { MaxFeatures::Sqrt };
        self.max_features.unwrap_or(usual)
    }
}

impl MaxFeatures {
    /// The number of columns, at least 1, rounded down.
    pub fn of(self, columns: usize) -> usize {
        let count = match self {
            Self::All => columns,
            Self::Sqrt => columns.isqrt(),
            Self::Log2 => columns.max(1).ilog2() as usize,
            Self::Count(count) => count as usize,
            Self::Share(share) => (columns as f64 * share) as usize,
        };
        count.max(1)
    }
}

impl Default for Growth {
    fn default() -> Self {
        Self { criterion: Criterion::Gini, max_depth: None, min_samples_split: 2, min_samples_leaf: 1 }
    }
}

impl Default for TreeSpec {
    fn default() -> Self {
        Self { max_features: MaxFeatures::All, growth: Growth::default() }
    }
}

impl Default for ForestSpec {
    fn default() -> Self {
        Self { trees: 100, bootstrap: true, max_features: None, growth: Growth::default() }
    }
}
