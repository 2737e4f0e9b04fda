//! One two-class support-vector problem, solved in growing chunks, by linfa while they are small.
//!
//! The solution depends on its support vectors alone, and linfa's time and memory grow with the square of the rows it
//! is given, times their columns. So it is given some of the rows first; those of the others that its solution gets wrong or leaves inside
//! the margin are added, worst first, until there are none (*chunking*: Vapnik 1982, *Estimation of Dependences Based
//! on Empirical Data*). What is left then meets the optimality conditions of the whole problem within the tolerance.
//! A chunk of more than [`LINFA_ROWS`] rows goes on from the solution before it, in [`dual`](super::dual).

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;

use super::dual::Dual;
use super::space::Space;
use super::{Error, LIMIT_BYTES, SvmSpec};

/// Rows of each class that the first chunk holds, if there are as many. Of the schedules tried on MNIST, starting small
/// and growing by half was the fastest: few rows are added that turn out to support nothing.
const FIRST: usize = 20;

/// Rows up to which linfa solves. Beyond, its making of the kernel (rows² · columns) outweighs all else: on 3,000 rows of
/// Spambase that are nearly all support vectors it took 80 % of the time.
const LINFA_ROWS: usize = 512;

/// `f(x) = Σ coefficient · k(row, x) - rho`; positive for the first class.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    /// Support vectors and their coefficients (dual variable times ±1), by increasing row.
    pub(super) support: Vec<(usize, f64)>,
    pub(super) rho: f64,
}

/// Separates the first `positive` rows of a space from the others; there are rows on both sides.
///
/// `go_on` is asked before each chunk; `None` where it said no.
///
/// # Errors
/// If the rows needed at once do not fit into memory, or linfa does not converge.
pub(super) fn solve(
    mut space: impl Space,
    positive: usize,
    spec: &SvmSpec,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Machine>, Error> {
    let mut admitted = first_chunk(positive, space.len());
    space.admit(&admitted);
    let mut inside = vec![false; space.len()];
    admitted.iter().for_each(|&row| inside[row] = true);
    let mut solution = Solution { coefficients: vec![0.0; admitted.len()], rho: 0.0, sums: vec![0.0; space.len()] };
    loop {
        if !go_on() {
            return Ok(None);
        }
        let bytes = space.bytes(admitted.len());
        if bytes > LIMIT_BYTES {
            return Err(Error::Memory { rows: space.len(), needed: space.bytes(space.len()), limit: LIMIT_BYTES });
        }
        let signs: Vec<bool> = admitted.iter().map(|&row| row < positive).collect();
        let (coefficients, rho) = if admitted.len() <= LINFA_ROWS {
            by_linfa(&space, signs, spec)?
        } else {
            let sums: Vec<f64> = admitted.iter().map(|&row| solution.sums[row]).collect();
            let mut start = solution.coefficients;
            start.resize(admitted.len(), 0.0);
            let kernel = space.kernel();
            Dual::new(kernel.view(), &signs, spec.c, start, &sums).solve(spec.tolerance).ok_or(Error::Updates)?
        };
        solution = Solution { sums: space.sums(&coefficients), coefficients, rho };

        let mut violating = solution.violating(positive, spec.tolerance, &inside);
        if violating.is_empty() {
            let mut support: Vec<_> =
                admitted.into_iter().zip(solution.coefficients).filter(|(_, a)| *a != 0.0).collect();
            support.sort_by_key(|(row, _)| *row);
            return Ok(Some(Machine { support, rho: solution.rho }));
        }
        violating.truncate(admitted.len().div_ceil(2));
        violating.iter().for_each(|&row| inside[row] = true);
        space.admit(&violating);
        admitted.extend(violating);
    }
}

/// The solution for the rows admitted so far.
struct Solution {
    /// One an admitted row.
    coefficients: Vec<f64>,
    rho: f64,
    /// `Σ coefficient · k(admitted row, row)` for each of all rows.
    sums: Vec<f64>,
}

impl Solution {
    /// Rows that are not `inside` and lie on the wrong side or within the margin, worst first.
    fn violating(&self, positive: usize, tolerance: f64, inside: &[bool]) -> Vec<usize> {
        let margin = |(row, sum): (usize, &f64)| {
            let f = sum - self.rho;
            (if row < positive { f } else { -f }, row)
        };
        let outside = self.sums.iter().enumerate().filter(|(row, _)| !inside[*row]);
        let mut violating: Vec<(f64, usize)> = outside.map(margin).filter(|(m, _)| *m < 1.0 - tolerance).collect();
        violating.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        violating.into_iter().map(|(_, row)| row).collect()
    }
}

/// Coefficients and threshold of the admitted rows, by linfa.
fn by_linfa(space: &impl Space, signs: Vec<bool>, spec: &SvmSpec) -> Result<(Vec<f64>, f64), Error> {
    // Without shrinking, its default: with it, linfa-svm 0.8.1 returns the coefficients in a wrong order.
    let svm = linfa_svm::Svm::<f64, bool>::params()
        .pos_neg_weights(spec.c, spec.c)
        .eps(spec.tolerance)
        .linear_kernel()
        .fit(&DatasetBase::new(space.features(), Array1::from(signs)))
        .map_err(|e| Error::Solver { model: "svm", message: e.to_string() })?;
    if out_of_updates(&svm) { Err(Error::Updates) } else { Ok((svm.alpha, svm.rho)) }
}

/// Whether linfa gave up after ten million updates. It says so nowhere but in its text.
fn out_of_updates(svm: &linfa_svm::Svm<f64, bool>) -> bool {
    svm.to_string().starts_with("Reached maximal iterations")
}

/// Rows of both classes, evenly spaced so that the order of the data does not matter much.
fn first_chunk(positive: usize, rows: usize) -> Vec<usize> {
    let spaced = |start: usize, count: usize| {
        let taken = count.min(FIRST);
        (0..taken).map(move |i| start + i * count / taken)
    };
    spaced(0, positive).chain(spaced(positive, rows - positive)).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::baselines::rbf::Rbf;
    use crate::baselines::space::{Gaussian, Linear};
    use crate::baselines::{Gamma, Kernel};

    /// Few, and so many that linfa's chunks are outgrown.
    const ROWS: [usize; 2] = [300, 1500];
    const GAMMA: f64 = 0.7;
    /// Decision values are known to about its square root.
    const TOLERANCE: f64 = 1e-9;

    fn positive(rows: usize) -> usize {
        rows * 2 / 5
    }

    /// Two overlapping clouds, by formula.
    fn clouds(rows: usize) -> Array2<f32> {
        Array2::from_shape_fn((rows, 2), |(i, c)| {
            let value = ((i * 7919 + i * i * (31 + 10 * c) + 13 * c) % 1009) as f32 / 250.0;
            if i < positive(rows) { value } else { value + 1.3 }
        })
    }

    fn spec(kernel: Kernel) -> SvmSpec {
        SvmSpec { kernel, c: 2.0, tolerance: TOLERANCE }
    }

    /// The plain way: linfa is given all rows and computes the kernel itself.
    fn all_at_once(x: &Array2<f32>, kernel: Kernel) -> Vec<f64> {
        let x = x.mapv(f64::from);
        let params = linfa_svm::Svm::<f64, bool>::params().pos_neg_weights(2.0, 2.0).eps(TOLERANCE);
        let params = match kernel {
            Kernel::Linear => params.linear_kernel(),
            Kernel::Rbf { .. } => params.gaussian_kernel(1.0 / GAMMA),
        };
        let targets: Array1<bool> = (0..x.nrows()).map(|row| row < positive(x.nrows())).collect();
        let svm = params.fit(&DatasetBase::new(x.clone(), targets)).expect("the set is sound");
        x.rows().into_iter().map(|row| svm.weighted_sum(&row) - svm.rho).collect()
    }

    /// Solved in chunks, `x` gives the decisions of all rows at once.
    fn check<S: Space>(x: &Array2<f32>, kernel: Kernel, space: impl Fn() -> S) {
        let solved = solve(space(), positive(x.nrows()), &spec(kernel), &|| true).expect("it is small");
        let machine = solved.expect("nobody stops it");
        let (rows, coefficients): (Vec<_>, Vec<_>) = machine.support.into_iter().unzip();
        assert!(rows.len() > 2 * FIRST && rows.len() < x.nrows(), "{} support vectors", rows.len());
        assert_eq!(rows.len() > LINFA_ROWS, x.nrows() == ROWS[1], "{} support vectors", rows.len());
        let mut space = space();
        space.admit(&rows);
        let decisions = space.sums(&coefficients).into_iter().map(|sum| sum - machine.rho);
        for (chunked, plain) in decisions.zip(all_at_once(x, kernel)) {
            assert!((chunked - plain).abs() < 1e-4, "{chunked} instead of {plain}");
        }
    }

    #[test]
    fn chunks_end_where_all_rows_at_once_do() {
        for rows in ROWS {
            let x = clouds(rows);
            let rbf = Rbf::new(Gamma::Value(GAMMA), x.view()).expect("it is positive");
            let gaussian = Kernel::Rbf { gamma: Gamma::Value(GAMMA) };
            check(&x, gaussian, || Gaussian::new(&rbf, rbf.centre(x.view())));
            let all: Vec<usize> = (0..rows).collect();
            check(&x, Kernel::Linear, || Linear::new(x.view(), &all));
        }
    }

    /// A space that says it is too large.
    struct Huge;

    impl Space for Huge {
        fn len(&self) -> usize {
            100_000
        }

        fn admit(&mut self, _: &[usize]) {}

        fn features(&self) -> Array2<f64> {
            unreachable!("it is refused before")
        }

        fn kernel(&self) -> Array2<f64> {
            unreachable!("it is refused before")
        }

        fn sums(&self, _: &[f64]) -> Vec<f64> {
            unreachable!("it is refused before")
        }

        fn bytes(&self, admitted: usize) -> u64 {
            (admitted as u64) << 30
        }
    }

    #[test]
    fn what_does_not_fit_into_memory_is_refused_with_its_size() {
        let refused = solve(Huge, 50_000, &spec(Kernel::Linear), &|| true).expect_err("it is too large");
        assert_eq!(
            refused.to_string(),
            "`svm` would need up to 100000.0 GiB for two classes of 100000 training rows together, beyond its limit of \
             2.0 GiB; take fewer training rows, a smaller `C`, or `logistic`"
        );
    }
}
