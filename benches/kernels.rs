//! The products of a training step, and the elementwise loops beside them, on every path of this processor.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use labbook::numerics::{Left, Panels, Simd, Start, Team, elementary, multiply, sums};

/// Rows × k × columns, and whether the left factor is read transposed.
const PRODUCTS: [(&str, usize, usize, usize); 6] = [
    ("forward", 128, 784, 512),
    ("forward", 128, 512, 512),
    ("inputs", 512, 512, 128),
    ("weights", 784, 128, 512),
    ("forward", 128, 784, 32),
    ("weights", 784, 128, 32),
];

fn products(criterion: &mut Criterion) {
    for simd in Simd::available() {
        let team = Team::new(1, simd);
        let mut group = criterion.benchmark_group(format!("product/{}", simd.name()));
        for (name, m, k, n) in PRODUCTS {
            let a = if name == "weights" { Panels::zeros(k, m) } else { Panels::zeros(m, k) };
            let left = if name == "weights" { Left::Transposed(&a) } else { Left::Plain(&a) };
            let (b, mut out) = (Panels::zeros(k, n), Panels::zeros(m, n));
            // "Elements" are floating-point operations.
            group.throughput(Throughput::Elements(2 * (m * k * n) as u64));
            group.bench_function(BenchmarkId::new(name, format!("{m}x{k}x{n}")), |bencher| {
                bencher.iter(|| multiply(&team, left, &b, Start::Zero, &mut out));
            });
        }
    }
}

fn loops(criterion: &mut Criterion) {
    for simd in Simd::available() {
        let mut group = criterion.benchmark_group(format!("loop/{}", simd.name()));
        let mut x = vec![0.1f32; 128 * 512];
        group.throughput(Throughput::Elements(x.len() as u64));
        group.bench_function("tanh", |b| {
            b.iter(|| {
                simd.run(
                    #[inline(always)]
                    || x.iter_mut().for_each(|x| *x = elementary::tanh(*x)),
                )
            });
        });
        group.bench_function("exp", |b| {
            b.iter(|| {
                simd.run(
                    #[inline(always)]
                    || x.iter_mut().for_each(|x| *x = elementary::exp(*x - 1.0)),
                )
            });
        });
        group.bench_function("squares", |b| b.iter(|| sums::squares(simd, &x)));
        let (from, mut to) = (Panels::zeros(512, 128), Panels::zeros(128, 512));
        group.bench_function("transpose", |b| b.iter(|| to.set_transpose(&from, simd)));
    }
}

criterion_group!(benches, products, loops);
criterion_main!(benches);
