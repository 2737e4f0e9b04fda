//! What a net is and how it learns: plain values, part of a run's key.

use serde::Serialize;

use super::{CnnSpec, RecurrentSpec};
use crate::data::{Rows, Sequence, Task};

/// A net of any kind: what [`train`](super::train) builds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "net")]
pub enum NetSpec {
    /// A multilayer perceptron.
    Mlp(MlpSpec),
    /// A convolutional net.
    Cnn(CnnSpec),
    /// A recurrent net.
    Recurrent(RecurrentSpec),
}

/// What is made 0 in mean and 1 in variance before an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Each channel over the batch and all pixels (Ioffe and Szegedy 2015); running statistics in evaluation.
    Batch,
    /// Each sample over its features (Ba et al. 2016).
    Layer,
}

/// What a net stands between: the rows it reads and what it has to say about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Columns of a row.
    pub columns: usize,
    /// Height, width and channels where a row is an image (columns in that order, channels fastest).
    pub image: Option<[usize; 3]>,
    /// How a row is a sequence, where it is one; an image is one of its rows, from the top down.
    pub sequence: Option<Sequence>,
    /// What is predicted.
    pub task: Task,
}

/// A multilayer perceptron: dense layers with one activation between them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MlpSpec {
    /// Units of each hidden layer, from the input on; none is a linear model.
    pub hidden: Vec<u32>,
    /// After every hidden layer; the output layer has none.
    pub activation: Activation,
    /// How weights start; biases start at 0.
    pub init: Init,
    /// Share of a hidden layer's outputs set to 0 at each training step, the others scaled by 1 / (1 − share); in [0, 1).
    pub dropout: f64,
    /// Between a hidden layer's weighted sums and its activation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub norm: Option<Norm>,
    /// Whether a hidden layer with as many units as inputs adds its input to its output.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub residual: bool,
}

/// What a hidden unit does with its weighted sum x.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// max(x, 0); its slope at 0 is 0.
    Relu,
    /// x where positive, else 0.01·x.
    LeakyRelu,
    /// x·Φ(x), Φ the standard normal distribution function (the exact form, not the tanh approximation).
    Gelu,
    /// x / (1 + e⁻ˣ), also called swish.
    Silu,
    /// x.
    Identity,
}

/// The distribution of the first weights of a layer with `i` inputs and `o` outputs: normal with mean 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// Variance 2 / i (He et al. 2015).
    He,
    /// Variance 2 / (i + o) (Glorot and Bengio 2010).
    Xavier,
    /// Variance 1 / i (LeCun et al. 1998).
    Lecun,
    /// The given standard deviation.
    Normal(f64),
}

/// How a net learns.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TrainSpec {
    /// What is minimised.
    pub loss: Loss,
    /// How gradients become updates.
    pub optimizer: Optimizer,
    /// The learning rate before the schedule.
    pub lr: f64,
    /// Factor of the L2 penalty's gradient, on weights and biases alike; decoupled from the gradient with AdamW.
    pub weight_decay: f64,
    /// Rows of a mini-batch; the last one of an epoch may have fewer.
    pub batch: u32,
    /// Passes over the training rows, in a new order each.
    pub epochs: u32,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// When to stop before the last epoch.
    pub early_stop: Option<EarlyStop>,
    /// The largest L2 norm of the gradient of all parameters together; a longer one is shortened to it.
    pub clip: Option<f64>,
    /// Epochs between evaluations on the test rows, at least 1.
    pub eval_every: u32,
    /// Whether the first gradient is held against differences of the loss; left out of the canonical form where it is not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gradient_check: bool,
}

/// What is minimised: a mean over the rows of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Classification: minus the log of the softmax at the true class.
    SoftmaxCrossEntropy,
    /// Two classes: minus the log of the logistic function of one logit. Scores are the two columns `[0, logit]`.
    BinaryCrossEntropy,
    /// The squared difference, a mean over the outputs as well. Classes are coded as 1 at the true one and 0 elsewhere.
    SquaredError,
}

/// How gradients become updates: PyTorch's algorithms and defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Optimizer {
    /// Gradient descent by mini-batches.
    Sgd {
        /// Share of the last update that is kept; 0 is plain gradient descent.
        momentum: f64,
        /// Nesterov's variant: the gradient is taken after the momentum's step.
        nesterov: bool,
    },
    /// Divides by a running root mean square (Tieleman and Hinton 2012).
    #[serde(rename = "rmsprop")]
    RmsProp {
        /// Share of the running mean that is kept.
        alpha: f64,
        /// Added to the root.
        epsilon: f64,
    },
    /// Kingma and Ba 2015; weight decay is part of the gradient.
    Adam {
        /// Share of the gradient's running mean that is kept.
        beta1: f64,
        /// Share of the squared gradient's running mean that is kept.
        beta2: f64,
        /// Added to the root.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    #[serde(rename = "adamw")]
    AdamW {
        /// Share of the gradient's running mean that is kept.
        beta1: f64,
        /// Share of the squared gradient's running mean that is kept.
        beta2: f64,
        /// Added to the root.
        epsilon: f64,
    },
}

/// How the learning rate changes: the factor of `lr` at epoch e = 0, 1, … of E, or at t = steps done / steps in all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// 1.
    Constant,
    /// factor ^ ⌊e / every⌋.
    Step {
        /// Epochs between two changes, at least 1.
        every: u32,
        /// What each change multiplies by.
        factor: f64,
    },
    /// factor ^ e.
    Exponential {
        /// What each epoch multiplies by.
        factor: f64,
    },
    /// floor + (1 − floor)·(1 + cos πt) / 2, by step.
    Cosine {
        /// Where it ends, as a share of `lr`.
        floor: f64,
    },
    /// Rises linearly over the first epochs, step s = 1 … S of them at s / S, then as [`Schedule::Cosine`] over the rest.
    WarmupCosine {
        /// Epochs of the rise.
        epochs: u32,
        /// Where it ends, as a share of `lr`; 1 stays at `lr`.
        floor: f64,
    },
}

/// Ends training when the validation loss no longer falls; the weights of the best epoch are restored.
///
/// Without validation rows it never does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EarlyStop {
    /// Epochs without improvement before stopping, at least 1.
    pub patience: u32,
    /// By how much the loss must fall to count as improvement.
    pub min_delta: f64,
}

impl Default for MlpSpec {
    /// One hidden layer of 100 rectified linear units, as scikit-learn's.
    fn default() -> Self {
        Self {
            hidden: vec![100],
            activation: Activation::Relu,
            init: Init::He,
            dropout: 0.0,
            norm: None,
            residual: false,
        }
    }
}

impl Default for TrainSpec {
    /// Adam on the softmax cross-entropy, with PyTorch's defaults.
    fn default() -> Self {
        Self {
            loss: Loss::SoftmaxCrossEntropy,
            optimizer: Optimizer::ADAM,
            lr: 1e-3,
            weight_decay: 0.0,
            batch: 128,
            epochs: 20,
            schedule: Schedule::Constant,
            early_stop: None,
            clip: None,
            eval_every: 1,
            gradient_check: false,
        }
    }
}

impl Optimizer {
    /// Plain gradient descent.
    pub const SGD: Self = Self::Sgd { momentum: 0.0, nesterov: false };
    /// PyTorch's defaults.
    pub const RMSPROP: Self = Self::RmsProp { alpha: 0.99, epsilon: 1e-8 };
    /// PyTorch's defaults.
    pub const ADAM: Self = Self::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    /// PyTorch's defaults; its weight decay is 0.01.
    pub const ADAMW: Self = Self::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
}

impl From<MlpSpec> for NetSpec {
    fn from(spec: MlpSpec) -> Self {
        Self::Mlp(spec)
    }
}

impl From<CnnSpec> for NetSpec {
    fn from(spec: CnnSpec) -> Self {
        Self::Cnn(spec)
    }
}

impl From<RecurrentSpec> for NetSpec {
    fn from(spec: RecurrentSpec) -> Self {
        Self::Recurrent(spec)
    }
}

impl Setting {
    /// That of `rows`.
    pub fn of(rows: &Rows<'_>) -> Self {
        Self { columns: rows.columns(), image: rows.image(), sequence: rows.sequence(), task: rows.task() }
    }
}

impl NetSpec {
    /// Whether there can be such a net in `setting`.
    ///
    /// # Errors
    /// One sentence about the first thing that cannot be.
    pub fn check(&self, setting: &Setting) -> Result<(), String> {
        match self {
            Self::Cnn(cnn) => cnn.check(setting),
            Self::Recurrent(recurrent) => recurrent.check(setting),
            Self::Mlp(mlp) => mlp.check().map_err(str::to_owned),
        }
    }
}

impl NetSpec {
    /// Whether its training and its predictions compute the same, so that its gradient can be checked by its losses: dense
    /// layers without dropout.
    pub fn is_checkable(&self) -> bool {
        matches!(self, Self::Mlp(spec) if spec.is_plain() && spec.dropout == 0.0)
    }
}

impl MlpSpec {
    /// Whether there are dense layers and activations and nothing else.
    pub(super) fn is_plain(&self) -> bool {
        self.norm.is_none() && !self.residual
    }

    fn check(&self) -> Result<(), &'static str> {
        sound(self.hidden.iter().all(|&h| h > 0), "a hidden layer has at least one unit")?;
        sound((0.0..1.0).contains(&self.dropout), "dropout is a share from 0 to below 1")?;
        sound(
            !matches!(self.init, Init::Normal(sd) if !(sd >= 0.0 && sd.is_finite())),
            "a standard deviation is not negative",
        )
    }
}

impl TrainSpec {
    /// Whether a net can be trained like this for `task`.
    ///
    /// # Errors
    /// One sentence about the first thing that cannot be.
    pub fn check(&self, task: Task) -> Result<(), &'static str> {
        let classes = match task {
            Task::Classification { classes } => classes,
            Task::Regression => 0,
        };
        match self.loss {
            Loss::SoftmaxCrossEntropy => sound(classes > 0, "softmax cross-entropy is for classification")?,
            Loss::BinaryCrossEntropy => sound(classes == 2, "binary cross-entropy is for two classes")?,
            Loss::SquaredError => {}
        }
        sound(self.lr.is_finite() && self.lr >= 0.0, "a learning rate is not negative")?;
        sound(self.weight_decay.is_finite() && self.weight_decay >= 0.0, "weight decay is not negative")?;
        sound(self.batch > 0, "a mini-batch has at least one row")?;
        sound(self.epochs > 0, "training takes at least one epoch")?;
        sound(self.eval_every > 0, "evaluations are at least one epoch apart")?;
        sound(self.clip.is_none_or(|c| c > 0.0), "gradients are clipped to a positive norm")?;
        sound(self.early_stop.is_none_or(|s| s.patience > 0), "early stopping waits for at least one epoch")?;
        sound(
            !matches!(self.schedule, Schedule::Step { every: 0, .. }),
            "steps of the schedule are at least one epoch apart",
        )
    }
}

fn sound(ok: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if ok { Ok(()) } else { Err(otherwise) }
}
