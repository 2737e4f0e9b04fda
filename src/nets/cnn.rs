//! What a convolutional net is: layers as data, and the shapes they make of an image.

use std::fmt;

use serde::Serialize;

use super::{Activation, Init, Norm, Setting};

/// A convolutional net: the layers below, and an output layer after them.
///
/// Each convolution and each dense layer is followed by normalisation, where there is one, and the activation; the output
/// layer by neither. The first dense layer reads all pixels of all channels.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CnnSpec {
    /// From the image on.
    pub layers: Vec<CnnLayer>,
    /// After every convolution and every dense layer but the last.
    pub activation: Activation,
    /// How weights start; biases start at 0. The inputs of a convolution's unit are its window, its outputs those of a window.
    pub init: Init,
    /// Between a layer's weighted sums and its activation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub norm: Option<Norm>,
}

/// One layer of a [`CnnSpec`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CnnLayer {
    /// A convolution: height × width × channels → ⌊(height + padding − kernel) / stride⌋ + 1, … × filters.
    Conv {
        /// Output channels.
        filters: u32,
        /// Side of the square window.
        kernel: u32,
        /// Pixels from one window to the next.
        stride: u32,
        /// Zeros around the image.
        padding: Padding,
    },
    /// The largest or the mean value of each window of each channel; windows lie within the image.
    Pool {
        /// Which value.
        by: Pooling,
        /// Side of the square window.
        size: u32,
        /// Pixels from one window to the next.
        stride: u32,
    },
    /// One value a channel: a pool over the whole image.
    GlobalPool(Pooling),
    /// Share of outputs set to 0 at each training step, the others scaled by 1 / (1 − share).
    Dropout(f64),
    /// A dense layer of so many units.
    Dense(u32),
}

/// Zeros around an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// As many as give ⌈side / stride⌉ outputs; an odd one goes below and to the right.
    Same,
    /// None.
    Valid,
    /// So many on every side.
    Pixels(u32),
}

/// What a pool takes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The largest value; the first of equals gets the gradient.
    Max,
    /// The mean.
    Average,
}

/// A shape: height × width × channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Volume {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

/// Square windows over an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Windows {
    pub size: usize,
    pub stride: usize,
    /// Zeros above and to the left; those below and to the right follow from the shapes.
    pub before: usize,
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}×{}", self.height, self.width, self.channels)
    }
}

impl Volume {
    /// Number of values.
    pub fn features(self) -> usize {
        self.height * self.width * self.channels
    }
}

impl Default for CnnSpec {
    /// Two convolutions of 32 and 64 filters, each with a pool, and a dense layer of 128 units.
    fn default() -> Self {
        let conv = |filters| CnnLayer::Conv { filters, kernel: 3, stride: 1, padding: Padding::Same };
        let pool = CnnLayer::Pool { by: Pooling::Max, size: 2, stride: 2 };
        Self {
            layers: vec![conv(32), pool, conv(64), pool, CnnLayer::Dense(128)],
            activation: Activation::Relu,
            init: Init::He,
            norm: None,
        }
    }
}

impl CnnSpec {
    /// Whether there can be such a net in `setting`.
    ///
    /// # Errors
    /// One sentence about the first layer that cannot be, with the shapes up to it.
    pub(super) fn check(&self, setting: &Setting) -> Result<(), String> {
        let Some(image) = setting.image else {
            let columns = setting.columns;
            return Err(format!(
                "a `cnn` reads images, and the rows of this dataset are {columns} columns without a shape"
            ));
        };
        self.volumes(image).map(drop)
    }

    /// The image's shape, then that after each layer.
    pub(super) fn volumes(&self, [height, width, channels]: [usize; 3]) -> Result<Vec<Volume>, String> {
        let mut volumes = vec![Volume { height, width, channels }];
        let mut flat = false;
        for (i, layer) in self.layers.iter().enumerate() {
            let from = volumes[i];
            let fault = match layer {
                CnnLayer::Conv { .. } | CnnLayer::Pool { .. } | CnnLayer::GlobalPool(_) if flat => {
                    Err("it comes after a dense layer, which leaves no image".to_owned())
                }
                _ => layer.volume(from),
            };
            flat |= matches!(layer, CnnLayer::Dense(_));
            volumes.push(fault.map_err(|why| {
                let shapes: Vec<String> = volumes.iter().map(Volume::to_string).collect();
                format!(
                    "layer {} (`{layer}`) of the `cnn` does not fit: {why}; the shapes up to it: {}",
                    i + 1,
                    shapes.join(" → ")
                )
            })?);
        }
        Ok(volumes)
    }

    /// Weights and biases of convolutions and dense layers.
    pub(super) fn parameters(&self, image: [usize; 3], outputs: usize) -> u64 {
        let Ok(volumes) = self.volumes(image) else { return 0 };
        let last = volumes[volumes.len() - 1].features() as u64;
        let of_layers = self.layers.iter().zip(&volumes).map(|(layer, from)| match *layer {
            CnnLayer::Conv { filters, kernel, .. } => {
                let window = u64::from(kernel).pow(2).saturating_mul(from.channels as u64);
                window.saturating_add(1).saturating_mul(filters.into())
            }
            CnnLayer::Dense(units) => (from.features() as u64 + 1).saturating_mul(units.into()),
            CnnLayer::Pool { .. } | CnnLayer::GlobalPool(_) | CnnLayer::Dropout(_) => 0,
        });
        of_layers.chain([(last + 1).saturating_mul(outputs as u64)]).fold(0, u64::saturating_add)
    }

    /// Numbers that all layers together say of a row.
    pub(super) fn said_per_row(&self, image: [usize; 3], outputs: usize) -> u64 {
        let volumes = self.volumes(image).unwrap_or_default();
        volumes.iter().skip(1).map(|volume| volume.features() as u64).fold(outputs as u64, u64::saturating_add)
    }

    /// Operations that one training row costs in one epoch; products with the zeros of a padding are counted too.
    pub(super) fn flops_per_row(&self, image: [usize; 3], outputs: usize) -> u64 {
        let Ok(volumes) = self.volumes(image) else { return 0 };
        let last = volumes[volumes.len() - 1];
        let products = self.layers.iter().zip(volumes.windows(2)).filter_map(|(layer, v)| match layer {
            CnnLayer::Conv { kernel, .. } => {
                let window = u64::from(*kernel).pow(2) * v[0].channels as u64;
                Some((v[1].features() as u64).saturating_mul(window))
            }
            CnnLayer::Dense(units) => Some((v[0].features() as u64).saturating_mul(u64::from(*units))),
            _ => None,
        });
        let products = products.chain([(last.features() * outputs) as u64]).enumerate();
        let costs = products.map(|(i, p)| p.saturating_mul(if i == 0 { 4 } else { 6 }));
        costs.fold(0, u64::saturating_add)
    }
}

impl fmt::Display for CnnLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conv { filters, kernel, stride, .. } => {
                write!(f, "conv {filters}, kernel {kernel}, stride {stride}")
            }
            Self::Pool { size, stride, .. } => write!(f, "pool {size}, stride {stride}"),
            Self::GlobalPool(_) => write!(f, "global pool"),
            Self::Dropout(share) => write!(f, "dropout {share}"),
            Self::Dense(units) => write!(f, "dense {units}"),
        }
    }
}

impl CnnLayer {
    /// What it makes of `from`.
    fn volume(&self, from: Volume) -> Result<Volume, String> {
        let Volume { height, width, channels } = from;
        match *self {
            Self::Conv { filters, .. } => {
                let (rows, columns) = (self.windows(height)?.1, self.windows(width)?.1);
                if filters == 0 {
                    return Err("a convolution has at least one filter".into());
                }
                Ok(Volume { height: rows, width: columns, channels: filters as usize })
            }
            Self::Pool { .. } => {
                Ok(Volume { height: self.windows(height)?.1, width: self.windows(width)?.1, channels })
            }
            Self::GlobalPool(_) => Ok(Volume { height: 1, width: 1, channels }),
            Self::Dropout(share) if !(0.0..1.0).contains(&share) => Err("dropout is a share from 0 to below 1".into()),
            Self::Dropout(_) => Ok(from),
            Self::Dense(0) => Err("a dense layer has at least one unit".into()),
            Self::Dense(units) => Ok(Volume { height: 1, width: 1, channels: units as usize }),
        }
    }

    /// Its windows along a side, and how many there are.
    pub(super) fn windows(&self, side: usize) -> Result<(Windows, usize), String> {
        let (size, stride, padding) = match *self {
            Self::Conv { kernel, stride, padding, .. } => (kernel, stride, padding),
            Self::Pool { size, stride, .. } => (size, stride, Padding::Valid),
            Self::GlobalPool(_) => (side as u32, side as u32, Padding::Valid),
            Self::Dropout(_) | Self::Dense(_) => (1, 1, Padding::Valid),
        };
        if size == 0 || stride == 0 {
            return Err("a window and its stride are at least one pixel".into());
        }
        let (size, stride) = (size as usize, stride as usize);
        let (before, total, outputs) = match padding {
            Padding::Same => {
                let outputs = side.div_ceil(stride);
                let total = ((outputs - 1) * stride + size).saturating_sub(side);
                (total / 2, total, outputs)
            }
            Padding::Valid => (0, 0, 0),
            Padding::Pixels(p) => (p as usize, 2 * p as usize, 0),
        };
        if before >= size {
            return Err(format!("a padding of {before} leaves windows of {size} without a pixel"));
        }
        if side + total < size {
            return Err(format!("a window of {size} is larger than the {} pixels there are", side + total));
        }
        let outputs = if outputs > 0 { outputs } else { (side + total - size) / stride + 1 };
        Ok((Windows { size, stride, before }, outputs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(layers: &[CnnLayer], image: [usize; 3]) -> Result<String, String> {
        let spec = CnnSpec { layers: layers.to_vec(), ..CnnSpec::default() };
        let volumes = spec.volumes(image)?;
        Ok(volumes.iter().map(Volume::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn shapes_follow_kernel_stride_and_padding() {
        let conv = |kernel, stride, padding| CnnLayer::Conv { filters: 6, kernel, stride, padding };
        let pool = |size, stride| CnnLayer::Pool { by: Pooling::Max, size, stride };
        let check = |layers: &[CnnLayer], expected: &str| {
            assert_eq!(shapes(layers, [28, 27, 1]).as_deref(), Ok(expected));
        };
        check(&[conv(5, 1, Padding::Same), pool(2, 2)], "28×27×1 28×27×6 14×13×6");
        check(&[conv(4, 3, Padding::Same), pool(3, 1)], "28×27×1 10×9×6 8×7×6");
        check(&[conv(5, 2, Padding::Valid), CnnLayer::Dense(7)], "28×27×1 12×12×6 1×1×7");
        check(&[conv(3, 2, Padding::Pixels(1)), CnnLayer::GlobalPool(Pooling::Average)], "28×27×1 14×14×6 1×1×6");
        assert_eq!(CnnSpec::default().volumes([28, 28, 1]).unwrap()[5].features(), 128);
    }

    #[test]
    fn what_does_not_fit_is_told_with_the_shapes_up_to_it() {
        let pool = CnnLayer::Pool { by: Pooling::Max, size: 3, stride: 3 };
        let found = shapes(&[pool, pool, pool], [12, 12, 3]).unwrap_err();
        assert_eq!(
            found,
            "layer 3 (`pool 3, stride 3`) of the `cnn` does not fit: a window of 3 is larger than the 1 pixels there are; \
             the shapes up to it: 12×12×3 → 4×4×3 → 1×1×3"
        );
        let found = shapes(&[CnnLayer::Dense(9), pool], [12, 12, 3]).unwrap_err();
        assert!(found.contains("it comes after a dense layer, which leaves no image"), "{found}");
    }

    #[test]
    fn operations_are_those_of_the_products() {
        // LeNet-5 on 28 × 28: forward once, twice back, no gradient by the image.
        let conv = |filters, padding| CnnLayer::Conv { filters, kernel: 5, stride: 1, padding };
        let pool = CnnLayer::Pool { by: Pooling::Average, size: 2, stride: 2 };
        let layers = vec![
            conv(6, Padding::Same),
            pool,
            conv(16, Padding::Valid),
            pool,
            CnnLayer::Dense(120),
            CnnLayer::Dense(84),
        ];
        let spec = CnnSpec { layers, ..CnnSpec::default() };
        let products = [784 * 25 * 6, 100 * 150 * 16, 400 * 120, 120 * 84, 84 * 10];
        let expected = 4 * products[0] + 6 * products[1..].iter().sum::<u64>();
        assert_eq!(spec.flops_per_row([28, 28, 1], 10), expected);
        // LeCun et al. 1998, with full connections from the first pool to the second convolution.
        let expected = 26 * 6 + 151 * 16 + 401 * 120 + 121 * 84 + 85 * 10;
        assert_eq!(spec.parameters([28, 28, 1], 10), expected);
    }
}
