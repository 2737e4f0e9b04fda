//! Specifications → the layers of a stack.

use super::Stack;
use super::add::Add;
use super::conv::Convolution;
use super::dense::Dense;
use super::dropout::Dropout;
use super::layer::Layer;
use super::norm::{BatchNorm, LayerNorm};
use super::pool::Pool;
use super::pooled::Pooled;
use super::unit::Unit;
use crate::nets::cnn::{CnnLayer, CnnSpec, Volume};
use crate::nets::parameters::Weights;
use crate::nets::{Activation, Init, MlpSpec, Norm};
use crate::numerics::Simd;

/// A stack as it grows, layer by layer.
struct Plan {
    layers: Vec<Box<dyn Layer>>,
    /// Layers with weights so far: each draws from an index of its own.
    weighted: usize,
    dropouts: usize,
    /// A convolution that the next layer may join.
    open: Option<Convolution>,
    init: Init,
    norm: Option<Norm>,
    activation: Activation,
    seed: u64,
    simd: Simd,
}

impl Stack {
    /// A convolutional net with its first weights.
    ///
    /// # Panics
    /// If it does not fit the image, see [`CnnSpec::check`].
    pub fn of_cnn(spec: &CnnSpec, image: [usize; 3], outputs: usize, seed: u64, simd: Simd) -> Self {
        let volumes = spec.volumes(image).unwrap_or_else(|why| panic!("{why}"));
        let mut plan = Plan::new(spec.init, spec.norm, spec.activation, seed, simd);
        for (layer, volumes) in spec.layers.iter().zip(volumes.windows(2)) {
            plan.add_layer(*layer, volumes[0], volumes[1]);
        }
        plan.close();
        plan.dense(volumes[volumes.len() - 1].features(), outputs, Activation::Identity);
        Self { layers: plan.layers, inputs: volumes[0].features() }
    }

    /// A multilayer perceptron with its first weights.
    pub fn of_mlp(spec: &MlpSpec, columns: usize, outputs: usize, seed: u64, simd: Simd) -> Self {
        let mut plan = Plan::new(spec.init, spec.norm, spec.activation, seed, simd);
        let mut inputs = columns;
        for &units in &spec.hidden {
            let (units, from) = (units as usize, plan.layers.len());
            plan.hidden_dense(inputs, units);
            plan.dropout(spec.dropout, units);
            if spec.residual && units == inputs {
                plan.layers.push(Box::new(Add { from, features: units }));
            }
            inputs = units;
        }
        plan.dense(inputs, outputs, Activation::Identity);
        Self { layers: plan.layers, inputs: columns }
    }
}

impl Plan {
    fn new(init: Init, norm: Option<Norm>, activation: Activation, seed: u64, simd: Simd) -> Self {
        Self { layers: Vec::new(), weighted: 0, dropouts: 0, open: None, init, norm, activation, seed, simd }
    }

    /// What comes now joins no convolution.
    fn close(&mut self) {
        if let Some(convolution) = self.open.take() {
            self.layers.push(Box::new(convolution));
        }
    }

    fn add_pool(&mut self, pool: Pool) {
        match self.open.take() {
            Some(convolution) if Pooled::joins(&convolution, &pool) => {
                self.layers.push(Box::new(Pooled::new(convolution, pool)));
            }
            open => {
                self.layers.extend(open.map(|convolution| Box::new(convolution) as Box<dyn Layer>));
                self.layers.push(Box::new(pool));
            }
        }
    }

    fn add_layer(&mut self, layer: CnnLayer, from: Volume, to: Volume) {
        let windows = || {
            let along = |side| layer.windows(side).map(|(windows, _)| windows);
            [along(from.height).expect("shapes were checked"), along(from.width).expect("shapes were checked")]
        };
        if !matches!(layer, CnnLayer::Pool { .. } | CnnLayer::GlobalPool(_)) {
            self.close();
        }
        match layer {
            CnnLayer::Conv { .. } => {
                let windows = windows();
                let window = windows[0].size * windows[1].size;
                let weights = self.weights(window * from.channels, to.channels, window * to.channels);
                let unit = self.unit_before_norm();
                self.open = Some(Convolution { weights, unit, from, to, windows });
                if self.norm.is_some() {
                    self.close();
                    self.normalise(to.channels, to.features());
                }
            }
            CnnLayer::Pool { by, .. } | CnnLayer::GlobalPool(by) => {
                self.add_pool(Pool { by, from, to, windows: windows() });
            }
            CnnLayer::Dropout(share) => self.dropout(share, from.features()),
            CnnLayer::Dense(_) => self.hidden_dense(from.features(), to.features()),
        }
    }

    fn hidden_dense(&mut self, inputs: usize, outputs: usize) {
        self.dense(inputs, outputs, self.unit_before_norm().0);
        self.normalise(outputs, outputs);
    }

    fn dense(&mut self, inputs: usize, outputs: usize, activation: Activation) {
        let weights = self.weights(inputs, outputs, outputs);
        self.layers.push(Box::new(Dense { weights, unit: Unit(activation) }));
    }

    fn weights(&mut self, inputs: usize, outputs: usize, fan_out: usize) -> Weights {
        self.weighted += 1;
        Weights::drawn(inputs, outputs, fan_out, self.init, self.seed, self.weighted, self.simd)
    }

    /// The activation comes after the normalisation, where there is one.
    fn unit_before_norm(&self) -> Unit {
        Unit(if self.norm.is_some() { Activation::Identity } else { self.activation })
    }

    fn normalise(&mut self, channels: usize, features: usize) {
        let unit = Unit(self.activation);
        match self.norm {
            None => {}
            Some(Norm::Batch) => self.layers.push(Box::new(BatchNorm::new(channels, features, unit))),
            Some(Norm::Layer) => self.layers.push(Box::new(LayerNorm::new(features, unit))),
        }
    }

    fn dropout(&mut self, share: f64, features: usize) {
        if share > 0.0 {
            self.dropouts += 1;
            self.layers.push(Box::new(Dropout { share, number: self.dropouts, features }));
        }
    }
}
