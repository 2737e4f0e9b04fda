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
    /// As it is written on an axis of a Chinese page.
    pub title_zh: &'static str,
    /// How it is printed.
    pub unit: Unit,
    /// Whether it has one value a layer.
    pub layered: bool,
    /// Whether it is recorded by epoch too.
    pub by_epoch: bool,
}

const fn measure(name: &'static str, title: &'static str, title_zh: &'static str, unit: Unit) -> Measure {
    Measure { name, title, title_zh, unit, layered: false, by_epoch: true }
}

const fn at_end(name: &'static str, title: &'static str, title_zh: &'static str, unit: Unit) -> Measure {
    Measure { by_epoch: false, ..measure(name, title, title_zh, unit) }
}

const fn by_layer(name: &'static str, title: &'static str, title_zh: &'static str, unit: Unit) -> Measure {
    Measure { layered: true, ..measure(name, title, title_zh, unit) }
}

/// All measures, in the order of the reference.
pub const MEASURES: &[Measure] = &[
    measure("test_accuracy", "Test accuracy", "测试准确率", Unit::Share),
    measure("train_accuracy", "Training accuracy", "训练准确率", Unit::Share),
    measure("valid_accuracy", "Validation accuracy", "验证准确率", Unit::Share),
    measure("test_loss", "Test loss", "测试损失", Unit::Plain),
    measure("train_loss", "Training loss", "训练损失", Unit::Plain),
    measure("valid_loss", "Validation loss", "验证损失", Unit::Plain),
    measure("test_rmse", "Test RMSE", "测试均方根误差", Unit::Plain),
    measure("train_rmse", "Training RMSE", "训练均方根误差", Unit::Plain),
    measure("valid_rmse", "Validation RMSE", "验证均方根误差", Unit::Plain),
    at_end("test_mae", "Test mean absolute error", "测试平均绝对误差", Unit::Plain),
    at_end("test_r2", "Test R²", "测试 R²", Unit::Plain),
    at_end("test_within", "Test errors below the bound", "误差在界内的测试样本", Unit::Share),
    by_layer("gradient_norm", "Gradient norm", "梯度范数", Unit::Plain),
    by_layer("saturated", "Saturated units", "饱和单元", Unit::Share),
    by_layer("dead", "Dead units", "死亡单元", Unit::Share),
    measure("steps", "Updates", "更新次数", Unit::Count),
    measure("flops", "Floating-point operations", "浮点运算次数", Unit::Count),
    at_end("epochs", "Epochs", "训练轮数", Unit::Count),
    at_end("parameters", "Parameters", "参数个数", Unit::Count),
    at_end("seconds", "Seconds (measured)", "秒（实测）", Unit::Seconds),
];

/// The measure of a name.
pub fn find(name: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|m| m.name == name)
}

/// Whether a smaller value of the measure is the better one.
pub fn falls(name: &str) -> bool {
    ["_loss", "_rmse", "_mae"].iter().any(|end| name.ends_with(end))
}

/// The values that a measure can have at all: what is known of a run that has none.
pub fn range(name: &str) -> [f64; 2] {
    match find(name).map_or(Unit::Plain, |m| m.unit) {
        Unit::Share => [0.0, 1.0],
        Unit::Count | Unit::Seconds => [0.0, f64::INFINITY],
        Unit::Plain | Unit::Points if falls(name) || name == "gradient_norm" => [0.0, f64::INFINITY],
        Unit::Plain | Unit::Points => [f64::NEG_INFINITY, f64::INFINITY],
    }
}
