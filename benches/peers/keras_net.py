"""One net in TF-Keras: `--form graph` or `xla` (jit_compile), a whole epoch in one execution."""

import work

arguments = work.arguments()
work.limit_threads(arguments.threads)

import keras
import numpy as np
import tensorflow as tf
from keras import layers

tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
tf.config.threading.set_inter_op_parallelism_threads(1)
keras.utils.set_random_seed(0)


def stack(net):
    if net == "lstm":
        return [layers.LSTM(work.HIDDEN, return_sequences=True), layers.Dense(work.CHARACTERS)]
    if net in work.DENSE:
        return [*(layers.Dense(units, "relu") for units in work.DENSE[net]), layers.Dense(work.CLASSES)]
    made, flat = [], False
    for kind, *rest in work.IMAGES[net]:
        if kind == "conv":
            filters, window, padding = rest
            made.append(layers.Conv2D(filters, window, padding=padding, activation="relu"))
        elif kind == "pool":
            made.append(layers.MaxPooling2D(2))
        else:
            made += ([] if flat else [layers.Flatten()]) + [layers.Dense(rest[0], "relu")]
            flat = True
    return [*made, layers.Dense(work.CLASSES)]


def sample(net):
    steps, inputs, labels, classes = work.shapes(net)
    draws = np.random.default_rng(0)
    y = draws.integers(classes, size=(steps * labels[0], *labels[1:]), dtype=np.int32)
    if net == "lstm":
        return np.eye(classes, dtype=np.float32)[draws.integers(classes, size=y.shape)], y
    return draws.random((steps * inputs[0], *inputs[1:]), dtype=np.float32), y


net, batch = arguments.net, work.batch_rows(arguments.net)
x, y = sample(net)
model = keras.Sequential([keras.Input(x.shape[1:], batch_size=batch), *stack(net)])
model.compile(
    keras.optimizers.SGD(work.RATE),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    jit_compile=arguments.form == "xla",
    steps_per_execution=len(x) // batch,
)
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch, drop_remainder=True).cache().prefetch(1)
work.report(net, arguments.epochs, lambda: model.fit(data, verbose=0), version=tf.__version__)
