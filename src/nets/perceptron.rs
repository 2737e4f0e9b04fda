//! The multilayer perceptron as the training loop sees it.

use super::loss::Tally;
use super::mlp::{Dropout, EVALUATED, Fitted, Forward, Mlp};
use super::net::{Moment, Net, Site};
use super::record::Units;
use super::step::Trainer;
use super::{Loss, MlpSpec};
use crate::data::{Rows, Task};
use crate::learn::Predict;
use crate::numerics::Team;

/// A multilayer perceptron in training.
pub(super) struct Perceptron<'a> {
    trainer: Trainer<'a>,
    evaluation: Forward,
    dropout: f64,
    loss: Loss,
    task: Task,
    team: &'a Team,
}

impl<'a> Perceptron<'a> {
    /// With its first weights.
    pub fn new(spec: &MlpSpec, site: Site<'a>) -> Self {
        let Site { setting, train, batch, seed, team } = site;
        let task = setting.task;
        let mlp = Mlp::new(spec, setting.columns, train.loss.outputs(task), team.simd(), seed);
        let evaluation = Forward::new(&mlp, task, EVALUATED, None);
        let dropout = Dropout::new(spec.dropout, seed, 0);
        let trainer = Trainer::new(mlp, train, task, batch, dropout, team);
        Self { trainer, evaluation, dropout: spec.dropout, loss: train.loss, task, team }
    }
}

impl Net for Perceptron<'_> {
    fn step(&mut self, rows: &Rows<'_>, positions: &[u32], moment: Moment) -> Tally {
        let dropout = Dropout::new(self.dropout, moment.seed, moment.step);
        self.trainer.step(rows, positions, moment.update, dropout)
    }

    fn layers(&self) -> usize {
        self.trainer.mlp.layers.len()
    }

    fn gradient_norms(&self, norms: &mut [f64]) {
        norms.iter_mut().zip(self.trainer.gradient_norms()).for_each(|(norm, of)| *norm = of);
    }

    fn rows_at_once(&self) -> usize {
        EVALUATED
    }

    fn evaluate(&mut self, rows: &Rows<'_>, positions: &[u32]) -> Tally {
        let simd = self.team.simd();
        self.evaluation.gather(rows, positions, simd);
        self.evaluation.run(&self.trainer.mlp, self.team, None);
        self.evaluation.tally(self.loss, simd)
    }

    fn units(&self) -> Vec<Units> {
        let activation = self.trainer.mlp.activation;
        let of = |l| Units::of(l as u32 + 1, activation, self.evaluation.kept(l), &self.evaluation.outputs[l]);
        (0..self.layers() - 1).map(of).collect()
    }

    fn parameters(&self) -> u64 {
        self.trainer.mlp.parameters()
    }

    fn weights(&mut self) -> Vec<&mut [f32]> {
        self.trainer.mlp.layers.iter_mut().map(|l| l.0.floats_mut()).collect()
    }

    fn memory(&mut self) -> Vec<&mut [f32]> {
        self.trainer.running_means()
    }

    fn into_model(self: Box<Self>) -> Box<dyn Predict> {
        Box::new(Fitted { mlp: self.trainer.mlp, loss: self.loss, task: self.task })
    }
}
