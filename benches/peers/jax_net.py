"""One net in JAX, jit with parameters donated: `--form scan`, one scan an epoch, or `steps`, one call a step.

Convolutions in a scan do not take XLA's fast path on a CPU; small dense nets are faster in one.
"""

import functools
import os

import work

arguments = work.arguments()
work.limit_threads(arguments.threads)
if arguments.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp

keys = iter(jax.random.split(jax.random.key(0), 64))


def weights(*shape, fan_in):
    return jax.random.normal(next(keys), shape) * (2 / fan_in) ** 0.5, jnp.zeros(shape[-1])


def dense(hidden):
    widths = [work.COLUMNS, *hidden, work.CLASSES]
    params = [weights(i, o, fan_in=i) for i, o in zip(widths, widths[1:])]

    def scores(params, x):
        for w, b in params[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = params[-1]
        return x @ w + b

    return params, scores


def pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def convolutional(spec):
    params, side, channels, flat = [], work.SIDE, 1, False
    for kind, *rest in spec:
        if kind == "conv":
            filters, window, padding = rest
            params.append(weights(window, window, channels, filters, fan_in=window * window * channels))
            side, channels = side if padding == "same" else side - window + 1, filters
        elif kind == "pool":
            side //= 2
        else:
            inputs = channels if flat else channels * side * side
            params.append(weights(inputs, rest[0], fan_in=inputs))
            channels, flat = rest[0], True
    params.append(weights(channels, work.CLASSES, fan_in=channels))

    def scores(params, x):
        left = iter(params)
        for kind, *rest in spec:
            if kind == "pool":
                x = pool(x)
                continue
            w, b = next(left)
            if kind == "conv":
                x = jax.lax.conv_general_dilated(x, w, (1, 1), rest[2].upper(), dimension_numbers=("NHWC", "HWIO", "NHWC"))
            else:
                x = x.reshape(len(x), -1) @ w
            x = jax.nn.relu(x + b)
        w, b = next(left)
        return x @ w + b

    return params, scores


def lstm():
    hidden = work.HIDDEN
    params = [
        jax.random.normal(next(keys), (work.CHARACTERS, 4 * hidden)) * 0.1,
        weights(hidden, 4 * hidden, fan_in=2 * hidden),
        weights(hidden, work.CHARACTERS, fan_in=hidden),
    ]

    def scores(params, x):
        of_inputs, (of_hidden, bias), (w, b) = params
        # All inputs in one product; only what depends on the last step is within the scan.
        inputs = x.transpose(1, 0, 2) @ of_inputs + bias

        def step(state, inputs):
            h, c = state
            i, f, g, o = jnp.split(inputs + h @ of_hidden, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zero = jnp.zeros((x.shape[0], hidden))
        _, h = jax.lax.scan(step, (zero, zero), inputs)
        return (h @ w + b).transpose(1, 0, 2)

    return params, scores


def sample(net):
    steps, inputs, labels, classes = work.shapes(net)
    y = jax.random.randint(next(keys), (steps, *labels), 0, classes)
    if net == "lstm":
        return jax.nn.one_hot(jax.random.randint(next(keys), (steps, *labels), 0, classes), classes), y
    return jax.random.uniform(next(keys), (steps, *inputs)), y


net = arguments.net
params, scores = lstm() if net == "lstm" else dense(work.DENSE[net]) if net in work.DENSE else convolutional(work.IMAGES[net])
x, y = sample(net)


def loss(params, x, y):
    logits = jax.nn.log_softmax(scores(params, x))
    return -jnp.mean(jnp.take_along_axis(logits, y[..., None], axis=-1))


def step(params, xy):
    value, grads = jax.value_and_grad(loss)(params, *xy)
    return jax.tree.map(lambda p, g: p - work.RATE * g, params, grads), value


def scan_epoch():
    global params
    params, values = scanned(params, (x, y))
    jax.block_until_ready((params, values))


def step_epoch():
    global params
    for batch in batches:
        params, value = stepped(params, batch)
    jax.block_until_ready((params, value))


scanned = jax.jit(functools.partial(jax.lax.scan, step), donate_argnums=0)
stepped = jax.jit(step, donate_argnums=0)
batches = list(zip(x, y))
epoch = step_epoch if arguments.form == "steps" else scan_epoch
work.report(net, arguments.epochs, epoch, version=jax.__version__)
