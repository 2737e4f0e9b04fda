//! The quantities a run records: their names, what they mean, and how they are shown.
//!
//! Every run records all of them that its model and task have; an experiment's `measure` only chooses what is shown, so
//! that asking for another one never retrains anything.

/// What a number counts, and so how it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share between 0 and 1, printed in per cent.
    Share,
    /// A difference of two shares, printed in points: hundredths.
    Points,
    /// A plain number.
    Plain,
    /// A whole number of things.
    Count,
    /// Seconds, measured: depends on the machine.
    Seconds,
}

/// One recorded quantity.
#[derive(Debug, PartialEq, Eq)]
pub struct Measure {
    /// As it is written in directives.
    pub name: &'static str,
    /// As it is written on an axis.
    pub title: &'static str,
    /// How it is printed.
    pub unit: Unit,
    /// Whether it has one value a layer.
    pub layered: bool,
    /// Whether it is recorded by epoch too.
    pub by_epoch: bool,
}

const fn measure(name: &'static str, title: &'static str, unit: Unit) -> Measure {
    Measure { name, title, unit, layered: false, by_epoch: true }
}

const fn at_end(name: &'static str, title: &'static str, unit: Unit) -> Measure {
    Measure { by_epoch: false, ..measure(name, title, unit) }
}

const fn by_layer(name: &'static str, title: &'static str, unit: Unit) -> Measure {
    Measure { layered: true, ..measure(name, title, unit) }
}

/// All measures, in the order of the reference.
pub const MEASURES: &[Measure] = &[
    measure("test_accuracy", "Test accuracy", Unit::Share),
    measure("train_accuracy", "Training accuracy", Unit::Share),
    measure("valid_accuracy", "Validation accuracy", Unit::Share),
    measure("test_loss", "Test loss", Unit::Plain),
    measure("train_loss", "Training loss", Unit::Plain),
    measure("valid_loss", "Validation loss", Unit::Plain),
    measure("test_rmse", "Test RMSE", Unit::Plain),
    measure("train_rmse", "Training RMSE", Unit::Plain),
    measure("valid_rmse", "Validation RMSE", Unit::Plain),
    at_end("test_mae", "Test mean absolute error", Unit::Plain),
    at_end("test_r2", "Test R²", Unit::Plain),
    at_end("test_within", "Test errors below the bound", Unit::Share),
    at_end("test_calibration_error", "Test calibration error", Unit::Share),
    at_end("information_bound", "Information bound", Unit::Plain),
    by_layer("gradient_norm", "Gradient norm", Unit::Plain),
    by_layer("gradient_check", "Relative error of the gradient", Unit::Plain),
    by_layer("saturated", "Saturated units", Unit::Share),
    by_layer("dead", "Dead units", Unit::Share),
    measure("steps", "Updates", Unit::Count),
    measure("flops", "Floating-point operations", Unit::Count),
    at_end("epochs", "Epochs", Unit::Count),
    at_end("parameters", "Parameters", Unit::Count),
    at_end("seconds", "Seconds (measured)", Unit::Seconds),
];

/// The measure of a name.
pub fn find(name: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|m| m.name == name)
}

/// Whether a smaller value of the measure is the better one.
pub fn falls(name: &str) -> bool {
    ["_loss", "_rmse", "_mae", "_calibration_error"].iter().any(|end| name.ends_with(end))
}

/// The values that a measure can have at all: what is known of a run that has none.
pub fn range(name: &str) -> [f64; 2] {
    match find(name).map_or(Unit::Plain, |m| m.unit) {
        Unit::Share => [0.0, 1.0],
        Unit::Count | Unit::Seconds => [0.0, f64::INFINITY],
        Unit::Plain | Unit::Points
            if falls(name) || matches!(name, "gradient_norm" | "gradient_check" | "information_bound") =>
        {
            [0.0, f64::INFINITY]
        }
        Unit::Plain | Unit::Points => [f64::NEG_INFINITY, f64::INFINITY],
    }
}
