//! Portable, bit-exact arithmetic: the same bits on every machine, at any number of threads.
//!
//! The arithmetic is defined here, not by what a compiler or a processor makes of it:
//!
//! - a **matrix product** ([`multiply`]) computes each output as one chain of fused multiply-adds in increasing k;
//! - **inner products and distances in 64 bits** ([`gram`], [`squared_distances`]) are such chains as well;
//! - **least squares** ([`least_squares`]) and **eigenvectors** ([`eigen()`]) come by reflections and rotations in a fixed order;
//! - **elementary functions** of 32-bit floats ([`elementary`]) are polynomials of explicit fused multiply-adds, one
//!   definition for scalars and vectors alike; those of 64-bit floats ([`real`]) come from the pinned `libm` crate;
//! - **sums** ([`sums`]) run over 32 lanes joined by a fixed tree;
//! - **random numbers** ([`random`]) are a function of seed, purpose and index.
//!
//! Vector instructions ([`Simd`]) change how many of these run at once, threads ([`Team`]) who runs them; neither changes
//! which ones they are. All `unsafe` code of the crate is in this room.

#![allow(unsafe_code, reason = "vector instructions; a lint keeps it out of every other room")]

mod eigen;
pub mod elementary;
mod gram;
mod least_squares;
mod panels;
mod product;
pub mod random;
pub mod real;
mod simd;
pub mod sums;
mod team;
mod turn;

pub use eigen::{Eigen, eigen};
pub use gram::{absolute_distances, gram, squared_distances};
pub use least_squares::{LeastSquares, least_squares};
pub use panels::{LANES, Panels, share_of_255};
pub use product::{Left, Start, multiply, multiply_panel, multiply_rows};
pub use simd::{Simd, Unsupported, prefetch};
pub use team::{Share, Team};
pub use turn::turn;
