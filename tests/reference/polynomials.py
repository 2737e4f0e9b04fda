"""Coefficients of src/numerics/elementary.rs: near-minimax fits at Chebyshev nodes, rounded to 32 bits.

Needs mpmath (1.3 was used). Prints, for each function, the coefficients from the constant term up.
"""

import struct

import mpmath as mp

mp.mp.dps = 250


def f32(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def fit(f, low, high, degree):
    """Coefficients of the polynomial through f at the Chebyshev nodes of [low, high], rounded."""
    n = degree + 1
    nodes = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    nodes = [x if abs(x) > mp.mpf("1e-30") else mp.mpf("1e-30") for x in nodes]
    rows = mp.matrix(n, n)
    for i, x in enumerate(nodes):
        for j in range(n):
            rows[i, j] = x**j
    return [f32(c) for c in mp.lu_solve(rows, mp.matrix([f(x) for x in nodes]))]


def show(name, coefficients):
    print(name, ", ".join("%.9e" % c for c in coefficients))


half_ln2 = mp.log(2) / 2
show("exp: (e^r - 1 - r) / r^2", fit(lambda r: (mp.exp(r) - 1 - r) / r**2, -half_ln2, half_ln2, 4))
show("tanh: (tanh x - x) / x^3 in x^2", fit(lambda s: (mp.tanh(mp.sqrt(s)) / mp.sqrt(s) - 1) / s, mp.mpf(0), mp.mpf("0.4"), 4))
root2 = mp.sqrt(2)
show("ln: (ln(1+f) - f + f^2/2) / f^3", fit(lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, 1 / root2 - 1, root2 - 1, 7))


def tail(w):
    u = w + mp.mpf("0.5")
    t = 2 * (1 / u - 1)
    return mp.log(mp.erfc(t)) + t * t - mp.log(u)


show("erfc: ln(erfc t) + t^2 - ln u in u - 1/2", fit(tail, mp.mpf("-0.35"), mp.mpf("0.5"), 10))
eighth = mp.pi / 4
show("sin: (sin a - a) / a^3 in a^2", fit(lambda s: (mp.sin(mp.sqrt(s)) / mp.sqrt(s) - 1) / s, mp.mpf(0), eighth**2, 3))
show("cos: (cos a - 1 + a^2/2) / a^4 in a^2", fit(lambda s: (mp.cos(mp.sqrt(s)) - 1 + s / 2) / s**2, mp.mpf(0), eighth**2, 2))
ln2 = mp.log(2)
hi = f32(mp.floor(ln2 * 2**15) / 2**15)
print("ln2: high %.9e, low %.9e" % (hi, f32(ln2 - mp.mpf(hi))))
