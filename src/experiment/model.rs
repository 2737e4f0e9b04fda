//! `{model}` and the `train` of an experiment → a [`Model`].

use super::{Model, NetModel, baseline, cnn};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, Spanned};
use crate::fields::{Entry, Fields, Table, Value};
use crate::nets::{
    Activation, Cell, CnnSpec, EarlyStop, Init, Loss, MlpSpec, NetSpec, Norm, Optimizer, Outputs, RecurrentSpec,
    Schedule, TrainSpec,
};

/// The kinds of model.
pub const KINDS: &[(&str, Kind)] = &[
    ("logistic", Kind::Baseline(baseline::Kind::Logistic)),
    ("svm", Kind::Baseline(baseline::Kind::Svm)),
    ("knn", Kind::Baseline(baseline::Kind::Knn)),
    ("linear", Kind::Baseline(baseline::Kind::Linear)),
    ("naive-bayes", Kind::Baseline(baseline::Kind::NaiveBayes)),
    ("tree", Kind::Baseline(baseline::Kind::Tree)),
    ("forest", Kind::Baseline(baseline::Kind::Forest)),
    ("oracle", Kind::Baseline(baseline::Kind::Oracle)),
    ("mlp", Kind::Mlp),
    ("cnn", Kind::Cnn),
    ("rnn", Kind::Recurrent(Cell::Rnn)),
    ("lstm", Kind::Recurrent(Cell::Lstm)),
    ("gru", Kind::Recurrent(Cell::Gru)),
];

/// A kind of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A classic algorithm.
    Baseline(baseline::Kind),
    /// A multilayer perceptron.
    Mlp,
    /// A convolutional net.
    Cnn,
    /// A recurrent net.
    Recurrent(Cell),
}

const ACTIVATIONS: &[(&str, Activation)] = &[
    ("sigmoid", Activation::Sigmoid),
    ("tanh", Activation::Tanh),
    ("relu", Activation::Relu),
    ("leaky-relu", Activation::LeakyRelu),
    ("gelu", Activation::Gelu),
    ("silu", Activation::Silu),
    ("identity", Activation::Identity),
];
const NORMS: &[(&str, Option<Norm>)] = &[("none", None), ("batch", Some(Norm::Batch)), ("layer", Some(Norm::Layer))];
const INITS: &[(&str, Init)] = &[("he", Init::He), ("xavier", Init::Xavier), ("lecun", Init::Lecun)];
const OUTPUTS: &[(&str, Outputs)] = &[("last", Outputs::Last), ("every", Outputs::Every)];
const OPTIMIZERS: &[(&str, Optimizer)] =
    &[("sgd", Optimizer::SGD), ("rmsprop", Optimizer::RMSPROP), ("adam", Optimizer::ADAM), ("adamw", Optimizer::ADAMW)];
const LOSSES: &[(&str, Loss)] = &[
    ("softmax-cross-entropy", Loss::SoftmaxCrossEntropy),
    ("binary-cross-entropy", Loss::BinaryCrossEntropy),
    ("squared-error", Loss::SquaredError),
];
const SCHEDULES: &[(&str, Schedule)] = &[
    ("constant", Schedule::Constant),
    ("step", Schedule::Step { every: 10, factor: 0.1 }),
    ("exponential", Schedule::Exponential { factor: 0.95 }),
    ("cosine", Schedule::Cosine { floor: 0.0 }),
    ("warmup-cosine", Schedule::WarmupCosine { epochs: 1, floor: 0.0 }),
];

/// To what norm gradients through time are shortened where the author says nothing: without, one long one undoes many
/// steps (Pascanu et al. 2013).
const RECURRENT_CLIP: f64 = 1.0;
/// Below what error an answer counts as right where the author of a recurrent net says nothing: the adding problem's bound
/// (Hochreiter and Schmidhuber 1997).
const SOLVED_WITHIN: f64 = 0.04;

/// A model read from a `{model}` table and a `train` table: what it is, which keys meant something, and how many rows
/// it is fitted on at most.
#[derive(Debug)]
pub struct Reading {
    /// The model.
    pub model: Option<Model>,
    /// Keys of the model's own table.
    pub keys: Vec<&'static str>,
    /// Keys of the training table; empty for a model that is not trained by steps.
    pub train_keys: Vec<&'static str>,
    /// Grid points with more labelled rows are left out.
    pub m_max: Option<usize>,
    /// The share of the training rows held back, where the training says one.
    pub valid: Option<f64>,
}

/// The keys that a model of each kind takes, by reading one that has none of them.
pub fn keys() -> Vec<(&'static str, Vec<&'static str>)> {
    let nowhere = Span::new(Sources::default().add("", ""), 0..0);
    let spanned = |text: &str| Spanned { value: text.to_owned(), span: nowhere };
    let keys = KINDS.iter().map(|(name, _)| {
        let kind = Spanned { value: Value::String((*name).to_owned()), span: nowhere };
        let table = Table { span: nowhere, entries: vec![Entry { key: spanned("kind"), value: kind }] };
        let train = Table { span: nowhere, entries: Vec::new() };
        (*name, read(&table, &train, &mut Diagnostics::default()).keys)
    });
    keys.collect()
}

/// Reads a model from its own table and the training table that applies to it.
pub fn read(table: &Table, train: &Table, diagnostics: &mut Diagnostics) -> Reading {
    let mut fields = Fields::new(table, "a model", table.span, diagnostics);
    fields.boolean("show").optional();
    let m_max = fields.read::<usize>("m-max").at_least(1.0).optional();
    let kind = fields.one_of("kind", KINDS).example("\"mlp\"").required();
    let (mut train_keys, mut valid) = (Vec::new(), None);
    let model = match kind {
        // An unknown kind is one mistake; its parameters are not others.
        None => {
            return Reading { model: None, keys: Vec::new(), train_keys, m_max, valid };
        }
        Some(Kind::Baseline(kind)) => Model::Baseline(baseline::read(kind, &mut fields)),
        Some(kind @ (Kind::Mlp | Kind::Cnn | Kind::Recurrent(_))) => {
            // `train` was merged into the training table by the caller.
            fields.entry("train");
            let net: NetSpec = match kind {
                Kind::Recurrent(cell) => recurrent(cell, &mut fields).into(),
                Kind::Cnn => convolutional(&mut fields).into(),
                _ => mlp(&mut fields).into(),
            };
            let mut training = training(train, fields.diagnostics());
            if let NetSpec::Recurrent(_) = net {
                training.spec.clip.get_or_insert(RECURRENT_CLIP);
                training.within.get_or_insert(SOLVED_WITHIN);
            }
            if training.spec.gradient_check && !net.is_checkable() {
                let at = train.get("gradient-check").map_or(train.span, |entry| entry.key.span);
                let diagnostic = Diagnostic::error(at, "the gradient of this net cannot be checked by its losses");
                let hint = "`gradient-check` is for an `mlp` without `dropout`, `norm` and `residual`";
                fields.diagnostics().push(diagnostic.hint(hint));
            }
            (train_keys, valid) = (training.keys, training.valid);
            let Training { spec: train, min_steps, task_loss, within, .. } = training;
            Model::Net(NetModel { net, train, min_steps, task_loss, within })
        }
    };
    let keys = fields.asked().to_vec();
    fields.finish();
    Reading { model: Some(model), keys, train_keys, m_max, valid }
}

fn mlp(fields: &mut Fields<'_>) -> MlpSpec {
    let default = MlpSpec::default();
    let hidden = fields.list::<u32>("hidden").at_least(1.0).at_most(65_536.0).optional();
    let activation = fields.one_of("activation", ACTIVATIONS).or(default.activation);
    MlpSpec {
        hidden: hidden.map_or(default.hidden, |widths| widths.into_iter().map(|w| w.value).collect()),
        activation,
        init: init(fields, activation),
        dropout: fields.float("dropout").at_least(0.0).below(1.0).or(default.dropout),
        norm: norm(fields),
        residual: fields.boolean("residual").or(default.residual),
    }
}

fn convolutional(fields: &mut Fields<'_>) -> CnnSpec {
    let layers = cnn::layers(fields);
    let activation = fields.one_of("activation", ACTIVATIONS).or(CnnSpec::default().activation);
    CnnSpec { layers, activation, init: init(fields, activation), norm: norm(fields) }
}

fn recurrent(cell: Cell, fields: &mut Fields<'_>) -> RecurrentSpec {
    let default = RecurrentSpec::default();
    let hidden = fields.list::<u32>("hidden").not_empty().at_least(1.0).at_most(65_536.0).optional();
    RecurrentSpec {
        cell,
        hidden: hidden.map_or(default.hidden, |widths| widths.into_iter().map(|w| w.value).collect()),
        outputs: fields.one_of("outputs", OUTPUTS).optional(),
        embedding: fields.read::<u32>("embedding").at_least(1.0).at_most(65_536.0).optional(),
        init: init(fields, Activation::Tanh),
        dropout: fields.float("dropout").at_least(0.0).below(1.0).or(default.dropout),
    }
}

fn norm(fields: &mut Fields<'_>) -> Option<Norm> {
    fields.one_of("norm", NORMS).or(None)
}

/// A name or `{ normal = 0.01 }`. He's suits units that are cut off at zero, Xavier's the others.
fn init(fields: &mut Fields<'_>, activation: Activation) -> Init {
    let cut_off = matches!(activation, Activation::Relu | Activation::LeakyRelu | Activation::Gelu | Activation::Silu);
    let default = if cut_off { Init::He } else { Init::Xavier };
    match fields.entry("init").map(|e| &e.value.value) {
        Some(Value::Table(_)) => {
            let Some(mut inner) = fields.table("init") else { return default };
            let sd = inner.float("normal").at_least(0.0).example("0.01").required();
            inner.finish();
            sd.map_or(default, Init::Normal)
        }
        _ => fields.one_of("init", INITS).or(default),
    }
}

/// What a training table says.
struct Training {
    spec: TrainSpec,
    min_steps: Option<u32>,
    valid: Option<f64>,
    within: Option<f64>,
    /// Whether the loss is left to the task.
    task_loss: bool,
    keys: Vec<&'static str>,
}

/// Reads a training table; `epochs`, `batch` and the rest have PyTorch's defaults.
fn training(table: &Table, diagnostics: &mut Diagnostics) -> Training {
    let mut fields = Fields::new(table, "`train`", table.span, diagnostics);
    let default = TrainSpec::default();
    let optimizer = optimizer(&mut fields);
    let lr = if matches!(optimizer, Optimizer::Sgd { .. } | Optimizer::RmsProp { .. }) { 1e-2 } else { 1e-3 };
    let decay = if matches!(optimizer, Optimizer::AdamW { .. }) { 1e-2 } else { 0.0 };
    let loss = fields.one_of("loss", LOSSES).optional();
    let spec = TrainSpec {
        loss: loss.unwrap_or(default.loss),
        optimizer,
        lr: fields.float("lr").above(0.0).or(lr),
        weight_decay: fields.float("weight-decay").at_least(0.0).or(decay),
        batch: small(&mut fields, "batch", default.batch),
        epochs: small(&mut fields, "epochs", default.epochs),
        schedule: schedule(&mut fields),
        early_stop: early_stop(&mut fields),
        clip: fields.float("clip").above(0.0).optional(),
        eval_every: small(&mut fields, "eval-every", default.eval_every),
        gradient_check: fields.boolean("gradient-check").or(false),
    };
    let min_steps = fields.read("min-steps").at_least(1.0).optional();
    let valid = fields.float("valid").above(0.0).below(1.0).optional();
    let within = fields.float("within").above(0.0).optional();
    let keys = fields.asked().to_vec();
    fields.finish();
    Training { spec, min_steps, valid, within, task_loss: loss.is_none(), keys }
}

fn optimizer(fields: &mut Fields<'_>) -> Optimizer {
    match fields.one_of("optimizer", OPTIMIZERS).or(Optimizer::ADAM) {
        Optimizer::Sgd { momentum, nesterov } => Optimizer::Sgd {
            momentum: share(fields, "momentum", momentum),
            nesterov: fields.boolean("nesterov").or(nesterov),
        },
        Optimizer::RmsProp { alpha, epsilon } => {
            Optimizer::RmsProp { alpha: share(fields, "alpha", alpha), epsilon: tiny(fields, epsilon) }
        }
        Optimizer::Adam { beta1, beta2, epsilon } => Optimizer::Adam {
            beta1: share(fields, "beta1", beta1),
            beta2: share(fields, "beta2", beta2),
            epsilon: tiny(fields, epsilon),
        },
        Optimizer::AdamW { beta1, beta2, epsilon } => Optimizer::AdamW {
            beta1: share(fields, "beta1", beta1),
            beta2: share(fields, "beta2", beta2),
            epsilon: tiny(fields, epsilon),
        },
    }
}

/// A share from 0 to below 1.
fn share(fields: &mut Fields<'_>, key: &'static str, default: f64) -> f64 {
    fields.float(key).at_least(0.0).below(1.0).or(default)
}

/// What an optimizer adds to a root.
fn tiny(fields: &mut Fields<'_>, default: f64) -> f64 {
    fields.float("epsilon").at_least(0.0).or(default)
}

/// A name, or a table such as `{ kind = "step", every = 10, factor = 0.1 }`.
fn schedule(fields: &mut Fields<'_>) -> Schedule {
    let Some(Value::Table(_)) = fields.entry("schedule").map(|e| &e.value.value) else {
        return fields.one_of("schedule", SCHEDULES).or(Schedule::Constant);
    };
    let Some(mut inner) = fields.table("schedule") else { return Schedule::Constant };
    let kind = inner.one_of("kind", SCHEDULES).example("\"cosine\"").required();
    let schedule = match kind.unwrap_or(Schedule::Constant) {
        Schedule::Constant => Schedule::Constant,
        Schedule::Step { every, factor: default } => Schedule::Step {
            every: small(&mut inner, "every", every),
            factor: inner.float("factor").at_least(0.0).at_most(1.0).or(default),
        },
        Schedule::Exponential { factor: default } => {
            Schedule::Exponential { factor: inner.float("factor").at_least(0.0).at_most(1.0).or(default) }
        }
        Schedule::Cosine { floor } => {
            Schedule::Cosine { floor: inner.float("floor").at_least(0.0).at_most(1.0).or(floor) }
        }
        Schedule::WarmupCosine { epochs, floor } => Schedule::WarmupCosine {
            epochs: small(&mut inner, "epochs", epochs),
            floor: inner.float("floor").at_least(0.0).at_most(1.0).or(floor),
        },
    };
    inner.finish();
    schedule
}

/// `early-stop = { patience = 5 }`
fn early_stop(fields: &mut Fields<'_>) -> Option<EarlyStop> {
    let mut inner = fields.table("early-stop")?;
    let patience = small(&mut inner, "patience", 5);
    let min_delta = inner.float("min-delta").at_least(0.0).or(0.0);
    inner.finish();
    Some(EarlyStop { patience, min_delta })
}

/// A count from 1 that fits 32 bits.
fn small(fields: &mut Fields<'_>, key: &'static str, default: u32) -> u32 {
    fields.read::<u32>(key).at_least(1.0).or(default)
}
