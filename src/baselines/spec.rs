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
