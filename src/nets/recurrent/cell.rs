//! What the units of a layer do at one step, lane by lane, and the way back through it.
//!
//! The weighted sums of a step lie in slots, one for each gate, each of whole panels. Sums over the inputs fill the first
//! slots, sums over the last outputs the last ones; where both meet, they add up in one chain. Going forward a slot's sums
//! become its gate's values; coming back those become Δ, the gradient by the sums.
//!
//! | cell | slots | from inputs | from last outputs |
//! |---|---|---|---|
//! | rnn | h | 0..1 | 0..1 |
//! | lstm | i, f, g, o | 0..4 | 0..4 |
//! | gru | n, r, z, m | 0..3 | 1..4 |

use std::ops::Range;

use super::Cell;
use crate::nets::Activation;
use crate::numerics::elementary::{sigmoid, tanh};
use crate::numerics::{LANES, Panels, Simd};

/// One row of a panel.
type Row = [f32; LANES];

impl Cell {
    /// Slots of weighted sums.
    pub(super) fn slots(self) -> usize {
        self.recurrent_slots().end
    }

    /// Those that sums over the inputs go to.
    pub(super) fn input_slots(self) -> Range<usize> {
        match self {
            Self::Rnn => 0..1,
            Self::Lstm => 0..4,
            Self::Gru => 0..3,
        }
    }

    /// Those that sums over the last outputs go to.
    pub(super) fn recurrent_slots(self) -> Range<usize> {
        match self {
            Self::Rnn => 0..1,
            Self::Lstm => 0..4,
            Self::Gru => 1..4,
        }
    }

    /// What makes a slot's values of its sums; the identity for a sum that is no gate.
    pub(super) fn activation(self, slot: usize) -> Activation {
        match (self, slot) {
            (Self::Rnn, _) | (Self::Lstm, 2) | (Self::Gru, 0) => Activation::Tanh,
            (Self::Gru, 3) => Activation::Identity,
            _ => Activation::Sigmoid,
        }
    }

    /// What a slot's bias starts at: a forget gate starts open (Gers et al. 2000).
    pub(super) fn first_bias(self, slot: usize) -> f32 {
        if (self, slot) == (Self::Lstm, 1) { 1.0 } else { 0.0 }
    }
}

/// What one step of a layer remembers; all rows × units.
pub(super) struct State<'a> {
    /// The last output.
    pub h_before: &'a Panels,
    /// The output.
    pub h: &'a mut Panels,
    /// Of long short-term memory: the last memory, the memory and its tanh.
    pub memory: Option<(&'a Panels, &'a mut Panels, &'a mut Panels)>,
}

/// What comes back to one step of a layer; all rows × units.
pub(super) struct Back<'a> {
    /// The gradient by the output.
    pub dh: &'a Panels,
    /// The last output.
    pub h_before: &'a Panels,
    /// What goes past the weights to the gradient by the last output is added here; `None` at the first step.
    pub dh_before: Option<&'a mut Panels>,
    /// Of long short-term memory: the last memory, the tanh of the memory, and the gradient by the memory, which becomes
    /// that by the last one.
    pub memory: Option<(&'a Panels, &'a Panels, &'a mut Panels)>,
}

impl Cell {
    /// From the weighted sums in `gates` (rows × slots) to the gates' values and the output.
    pub(super) fn forward(self, simd: Simd, gates: &mut Panels, state: State<'_>) {
        let State { h_before, h, memory } = state;
        let panels = h.panels();
        match (self, memory) {
            (Self::Rnn, _) => (0..panels).for_each(|p| {
                let [g] = slots(gates, panels, p);
                simd.run(
                    #[inline(always)]
                    || {
                        for (g, h) in rows_mut(g).zip(rows_mut(h.panel_mut(p))) {
                            *g = each(g, tanh);
                            *h = *g;
                        }
                    },
                );
            }),
            (Self::Lstm, Some((c_before, c, tanh_c))) => (0..panels).for_each(|p| {
                let [i, f, g, o] = slots(gates, panels, p);
                let gates = rows_mut(i).zip(rows_mut(f)).zip(rows_mut(g)).zip(rows_mut(o));
                let memory = rows(c_before.panel(p)).zip(rows_mut(c.panel_mut(p))).zip(rows_mut(tanh_c.panel_mut(p)));
                let all = gates.zip(memory).zip(rows_mut(h.panel_mut(p)));
                simd.run(
                    #[inline(always)]
                    || {
                        for (((((i, f), g), o), ((c_before, c), tanh_c)), h) in all {
                            lstm([i, f, g, o], c_before, c, tanh_c, h);
                        }
                    },
                );
            }),
            (Self::Gru, _) => (0..panels).for_each(|p| {
                let [n, r, z, m] = slots(gates, panels, p);
                let gates = rows_mut(n).zip(rows_mut(r)).zip(rows_mut(z)).zip(rows(m));
                let all = gates.zip(rows(h_before.panel(p))).zip(rows_mut(h.panel_mut(p)));
                simd.run(
                    #[inline(always)]
                    || {
                        for (((((n, r), z), m), h_before), h) in all {
                            gru([n, r, z], m, h_before, h);
                        }
                    },
                );
            }),
            (Self::Lstm, None) => unreachable!("a layer of long short-term memory has a memory"),
        }
    }

    /// From the gradient by the output to that by the weighted sums, which takes the place of the gates' values.
    pub(super) fn backward(self, simd: Simd, gates: &mut Panels, back: Back<'_>) {
        let Back { dh, h_before, mut dh_before, memory } = back;
        let panels = dh.panels();
        match (self, memory) {
            (Self::Rnn, _) => (0..panels).for_each(|p| {
                let [g] = slots(gates, panels, p);
                Activation::Tanh.delta(simd, g, dh.panel(p));
            }),
            (Self::Lstm, Some((c_before, tanh_c, dc))) => (0..panels).for_each(|p| {
                let [i, f, g, o] = slots(gates, panels, p);
                let gates = rows_mut(i).zip(rows_mut(f)).zip(rows_mut(g)).zip(rows_mut(o));
                let memory = rows(c_before.panel(p)).zip(rows(tanh_c.panel(p))).zip(rows_mut(dc.panel_mut(p)));
                let all = gates.zip(memory).zip(rows(dh.panel(p)));
                simd.run(
                    #[inline(always)]
                    || {
                        for (((((i, f), g), o), ((c_before, tanh_c), dc)), dh) in all {
                            lstm_back([i, f, g, o], c_before, tanh_c, dc, dh);
                        }
                    },
                );
            }),
            (Self::Gru, _) => (0..panels).for_each(|p| {
                let [n, r, z, m] = slots(gates, panels, p);
                let past = dh_before.as_mut().map_or(&mut [][..], |d| d.panel_mut(p));
                let mut past = rows_mut(past);
                let gates = rows_mut(n).zip(rows_mut(r)).zip(rows_mut(z)).zip(rows_mut(m));
                let all = gates.zip(rows(h_before.panel(p))).zip(rows(dh.panel(p)));
                simd.run(
                    #[inline(always)]
                    || {
                        for (((((n, r), z), m), h_before), dh) in all {
                            gru_back([n, r, z, m], h_before, dh, past.next());
                        }
                    },
                );
            }),
            (Self::Lstm, None) => unreachable!("a layer of long short-term memory has a memory"),
        }
        clear_padding(gates, dh.columns(), panels);
    }
}

impl Activation {
    /// Each y becomes its slope by d.
    fn delta(self, simd: Simd, y: &mut [f32], d: &[f32]) {
        simd.run(
            #[inline(always)]
            || {
                for (y, d) in rows_mut(y).zip(rows(d)) {
                    for k in 0..LANES {
                        y[k] = d[k] * y[k].mul_add(-y[k], 1.0);
                    }
                }
            },
        );
    }
}

/// c = f·c′ + i·g, h = o·tanh(c); i, f and o are logistic, g is a tanh.
#[inline(always)]
fn lstm(gates: [&mut Row; 4], c_before: &Row, c: &mut Row, tanh_c: &mut Row, h: &mut Row) {
    let [i, f, g, o] = gates;
    let (i_of, f_of, g_of, o_of) = (each(i, sigmoid), each(f, sigmoid), each(g, tanh), each(o, sigmoid));
    let mut memory = [0.0; LANES];
    for k in 0..LANES {
        memory[k] = f_of[k].mul_add(c_before[k], i_of[k] * g_of[k]);
    }
    let of_memory = each(&memory, tanh);
    for k in 0..LANES {
        h[k] = o_of[k] * of_memory[k];
    }
    (*i, *f, *g, *o, *c, *tanh_c) = (i_of, f_of, g_of, o_of, memory, of_memory);
}

/// dc = dc + dh·o·(1 − tanh²c), Δᵢ = dc·g·i(1 − i), Δf = dc·c′·f(1 − f), Δg = dc·i·(1 − g²), Δₒ = dh·tanh(c)·o(1 − o),
/// dc′ = dc·f.
#[inline(always)]
fn lstm_back(gates: [&mut Row; 4], c_before: &Row, tanh_c: &Row, dc: &mut Row, dh: &Row) {
    let [i, f, g, o] = gates;
    let (i_of, f_of, g_of, o_of, mut d) = (*i, *f, *g, *o, *dc);
    for k in 0..LANES {
        let t = tanh_c[k];
        d[k] = (dh[k] * o_of[k]).mul_add(t.mul_add(-t, 1.0), d[k]);
        i[k] = d[k] * g_of[k] * (i_of[k] * (1.0 - i_of[k]));
        f[k] = d[k] * c_before[k] * (f_of[k] * (1.0 - f_of[k]));
        g[k] = d[k] * i_of[k] * g_of[k].mul_add(-g_of[k], 1.0);
        o[k] = dh[k] * t * (o_of[k] * (1.0 - o_of[k]));
        dc[k] = d[k] * f_of[k];
    }
}

/// n = tanh(n + r·m), h = n + z·(h′ − n); r and z are logistic, m is what the last outputs add to n.
#[inline(always)]
fn gru(gates: [&mut Row; 3], m: &Row, h_before: &Row, h: &mut Row) {
    let [n, r, z] = gates;
    let (r_of, z_of) = (each(r, sigmoid), each(z, sigmoid));
    let mut n_of = *n;
    for k in 0..LANES {
        n_of[k] = r_of[k].mul_add(m[k], n_of[k]);
    }
    n_of = each(&n_of, tanh);
    for k in 0..LANES {
        h[k] = z_of[k].mul_add(h_before[k] - n_of[k], n_of[k]);
    }
    (*n, *r, *z) = (n_of, r_of, z_of);
}

/// Δn = dh·(1 − z)·(1 − n²), Δm = Δn·r, Δr = Δn·m·r(1 − r), Δz = dh·(h′ − n)·z(1 − z); dh·z goes on to the last output.
#[inline(always)]
fn gru_back(gates: [&mut Row; 4], h_before: &Row, dh: &Row, past: Option<&mut Row>) {
    let [n, r, z, m] = gates;
    let (n_of, r_of, z_of, m_of) = (*n, *r, *z, *m);
    for k in 0..LANES {
        n[k] = dh[k] * (1.0 - z_of[k]) * n_of[k].mul_add(-n_of[k], 1.0);
        m[k] = n[k] * r_of[k];
        r[k] = n[k] * m_of[k] * (r_of[k] * (1.0 - r_of[k]));
        z[k] = dh[k] * (h_before[k] - n_of[k]) * (z_of[k] * (1.0 - z_of[k]));
    }
    if let Some(past) = past {
        for k in 0..LANES {
            past[k] = dh[k].mul_add(z_of[k], past[k]);
        }
    }
}

/// `f` of each lane: a loop, and so vector code where `map` of an array is calls.
#[inline(always)]
fn each(x: &Row, f: impl Fn(f32) -> f32) -> Row {
    let mut y = *x;
    for y in &mut y {
        *y = f(*y);
    }
    y
}

/// Panel `p` of each slot, of `panels` panels each.
fn slots<const N: usize>(gates: &mut Panels, panels: usize, p: usize) -> [&mut [f32]; N] {
    let (stride, len) = (gates.stride(), gates.rows() * LANES);
    let starts: [usize; N] = std::array::from_fn(|slot| (slot * panels + p) * stride);
    gates.floats_mut().get_disjoint_mut(starts.map(|at| at..at + len)).expect("slots lie one after the other")
}

/// Units beyond the last have no part in any gradient.
fn clear_padding(gates: &mut Panels, units: usize, panels: usize) {
    let used = units % LANES;
    if used > 0 {
        for p in (panels - 1..gates.panels()).step_by(panels) {
            rows_mut(gates.panel_mut(p)).for_each(|row| row[used..].fill(0.0));
        }
    }
}

fn rows(panel: &[f32]) -> impl Iterator<Item = &Row> {
    panel.as_chunks().0.iter()
}

fn rows_mut(panel: &mut [f32]) -> impl Iterator<Item = &mut Row> {
    panel.as_chunks_mut().0.iter_mut()
}
