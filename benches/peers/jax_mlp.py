"""Trains a dense ReLU net with softmax cross-entropy and plain SGD in JAX: jit, one scan an epoch.

    pip install jax
    taskset -c 0 python benches/peers/jax_mlp.py 784,512,512,512,10

Prints samples per second, the median of the epochs after the first. Held against
`cargo run --release --example train_throughput` with the same layers, batch and rows.
"""

import json
import os
import statistics
import sys
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import jax.numpy as jnp

layers = [int(n) for n in sys.argv[1].split(",")]
rows, batch, epochs, rate = 8000, 128, 8, 0.01
steps = rows // batch

key = jax.random.PRNGKey(0)
params = []
for inputs, outputs in zip(layers[:-1], layers[1:]):
    key, part = jax.random.split(key)
    params.append((jax.random.normal(part, (inputs, outputs)) * (2 / inputs) ** 0.5, jnp.zeros(outputs)))
x = jax.random.uniform(key, (steps, batch, layers[0]))
y = jax.random.randint(key, (steps, batch), 0, layers[-1])


def loss(params, x, y):
    for w, b in params[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = params[-1]
    logits = jax.nn.log_softmax(x @ w + b)
    return -jnp.mean(jnp.take_along_axis(logits, y[:, None], axis=1))


@jax.jit
def epoch(params, x, y):
    def step(params, xy):
        value, grads = jax.value_and_grad(loss)(params, *xy)
        return jax.tree.map(lambda p, g: p - rate * g, params, grads), value

    return jax.lax.scan(step, params, (x, y))


times = []
for _ in range(epochs):
    start = time.perf_counter()
    params, values = jax.block_until_ready(epoch(params, x, y))
    times.append(time.perf_counter() - start)
rates = [steps * batch / t for t in times[1:]]
print(json.dumps({"jax": jax.__version__, "layers": layers, "samples_per_second": statistics.median(rates)}))
