//! What a recurrent net is.

use serde::Serialize;

use crate::data::Sequence;
use crate::nets::{Init, Setting};

/// A recurrent net: layers of cells that read a sequence step by step, and a dense output layer.
///
/// The outputs of a layer at each step are the inputs of the next layer at that step. States start at 0 in every row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RecurrentSpec {
    /// Of every layer.
    pub cell: Cell,
    /// Units of each layer, from the input on.
    pub hidden: Vec<u32>,
    /// At which steps the net answers; `None`: at every step of symbols that go on, else at the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Outputs>,
    /// Numbers that a symbol is read as, learned; `None` reads it as one 1 among zeros.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding: Option<u32>,
    /// How weights start, each gate by itself: input weights by the number of inputs and units, recurrent ones by units
    /// alone. Biases start at 0, those of forget gates at 1; embeddings are standard normal.
    pub init: Init,
    /// Share of each layer's outputs, as they go to the next layer, set to 0 at each training step and the others scaled
    /// by 1 / (1 − share); in [0, 1). What a layer hands to its own next step is not touched (Zaremba et al. 2014).
    #[serde(skip_serializing_if = "is_zero")]
    pub dropout: f64,
}

/// What a unit does at a step, from its input x, its last output h′ and what else it remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// h = tanh(W·x + U·h′ + b) (Elman 1990).
    Rnn,
    /// Long short-term memory (Hochreiter and Schmidhuber 1997) with forget gates (Gers et al. 2000).
    Lstm,
    /// Gated recurrent unit (Cho et al. 2014), its reset gate after the product as in cuDNN and PyTorch.
    Gru,
}

/// The steps at which a net answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outputs {
    /// The last one: one answer a row.
    Last,
    /// Each one: as many answers as steps.
    Every,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

impl Default for RecurrentSpec {
    /// One layer of 128 units of long short-term memory.
    fn default() -> Self {
        Self { cell: Cell::Lstm, hidden: vec![128], outputs: None, embedding: None, init: Init::Xavier, dropout: 0.0 }
    }
}

impl Cell {
    /// As it is written in directives.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rnn => "rnn",
            Self::Lstm => "lstm",
            Self::Gru => "gru",
        }
    }
}

impl RecurrentSpec {
    /// At which steps the net answers on such sequences.
    pub fn outputs(&self, sequence: Sequence) -> Outputs {
        let next_symbol = sequence.goes_on && sequence.symbols.is_some();
        self.outputs.unwrap_or(if next_symbol { Outputs::Every } else { Outputs::Last })
    }

    /// Whether there can be such a net in `setting`.
    ///
    /// # Errors
    /// One sentence about the first thing that cannot be.
    pub(in crate::nets) fn check(&self, setting: &Setting) -> Result<(), String> {
        let name = self.cell.name();
        let Some(sequence) = setting.sequence else {
            let columns = setting.columns;
            return Err(format!(
                "`{name}` reads sequences, and the rows of this dataset are {columns} columns in no order"
            ));
        };
        if self.hidden.is_empty() || self.hidden.contains(&0) {
            return Err(format!("`{name}` has at least one layer, and a layer at least one unit"));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err("dropout is a share from 0 to below 1".into());
        }
        if matches!(self.init, Init::Normal(sd) if !(sd >= 0.0 && sd.is_finite())) {
            return Err("a standard deviation is not negative".into());
        }
        match (self.embedding, sequence.symbols) {
            (Some(0), _) => return Err("an embedding has at least one number".into()),
            (Some(_), None) => {
                return Err("`embedding` is for symbols, and the steps of this dataset are numbers".into());
            }
            _ => {}
        }
        if self.outputs == Some(Outputs::Every) && !sequence.goes_on {
            return Err(
                "`outputs = \"every\"` needs an answer at every step, and the rows of this dataset have one".into()
            );
        }
        Ok(())
    }

    /// Numbers that the first layer reads at a step; a symbol without embedding is one 1 among zeros.
    pub(super) fn inputs(&self, sequence: Sequence) -> usize {
        match (sequence.symbols, self.embedding) {
            (Some(_), Some(numbers)) => numbers as usize,
            (Some(symbols), None) => symbols,
            (None, _) => sequence.features,
        }
    }

    /// Operations that one training row costs in one epoch; a symbol picks its weights and multiplies nothing.
    pub(in crate::nets) fn flops_per_row(&self, sequence: Sequence, outputs: usize) -> u64 {
        let gates = self.cell.gates();
        let picks = sequence.symbols.is_some() && self.embedding.is_none();
        let mut inputs = if picks { 0 } else { self.inputs(sequence) as u64 };
        // Forward, the gradient of the weights, and that of the inputs, which numbers of the dataset do not need.
        let mut input_costs = if sequence.symbols.is_some() { 6 } else { 4 };
        let mut per_step = 0u64;
        for &units in &self.hidden {
            let units = u64::from(units);
            let of_inputs = inputs.saturating_mul(units).saturating_mul(gates * input_costs);
            let recurrent = units.saturating_mul(units).saturating_mul(gates * 6);
            per_step = per_step.saturating_add(of_inputs).saturating_add(recurrent);
            (inputs, input_costs) = (units, 6);
        }
        let answers = match self.outputs(sequence) {
            Outputs::Last => 1,
            Outputs::Every => sequence.steps as u64,
        };
        let of_answers = inputs.saturating_mul(outputs as u64 * 6).saturating_mul(answers);
        per_step.saturating_mul(sequence.steps as u64).saturating_add(of_answers)
    }

    /// Numbers that all layers together say of a row over all its steps: gates and states.
    pub(in crate::nets) fn said_per_row(&self, sequence: Sequence) -> u64 {
        let units: u64 = self.hidden.iter().map(|&units| u64::from(units)).sum();
        units.saturating_mul(self.cell.gates() + 1).saturating_mul(sequence.steps as u64)
    }

    /// Weights of all layers, their biases once, and the output layer; embeddings, which are few, are not counted.
    pub(in crate::nets) fn parameters(&self, sequence: Sequence, outputs: usize) -> u64 {
        let mut inputs = self.inputs(sequence) as u64;
        let mut all = 0u64;
        for &units in &self.hidden {
            let units = u64::from(units);
            all = all.saturating_add((inputs + units + 1).saturating_mul(units).saturating_mul(self.cell.gates()));
            inputs = units;
        }
        all.saturating_add((inputs + 1).saturating_mul(outputs as u64))
    }
}

impl Cell {
    /// Weighted sums that a unit takes at a step.
    fn gates(self) -> u64 {
        match self {
            Self::Rnn => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}
