"""What every peer trains, and how it is timed.

A net is a list of layers; rows are made up, floats that lie ready in the order of the batches, so that a peer only trains.
The first epochs are not counted: there programs compile.
"""

import argparse
import json
import os
import statistics
import time

DENSE = {"784-32-10": [32], "784-256-128-10": [256, 128], "784-512-512-512-10": [512, 512, 512]}
# ("conv", filters, side of the window, padding) or ("pool",) of 2×2 or ("dense", units).
IMAGES = {
    "cnn": [("conv", 32, 3, "same"), ("pool",), ("conv", 64, 3, "same"), ("pool",), ("dense", 128)],
    "lenet": [("conv", 6, 5, "same"), ("pool",), ("conv", 16, 5, "valid"), ("pool",), ("dense", 120), ("dense", 84)],
}
COLUMNS, SIDE, CLASSES, RATE = 784, 28, 10, 0.01
# Characters in and out, hidden units, steps of a sequence.
CHARACTERS, HIDDEN, STEPS = 65, 128, 50
NETS = [*DENSE, *IMAGES, "lstm"]
ROWS = {"784-32-10": 31744, "784-256-128-10": 15872, "784-512-512-512-10": 7936, "cnn": 1024, "lenet": 2048, "lstm": 640}


def batch_rows(net):
    return 64 if net == "lstm" else 128


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", choices=[*NETS, "product"], required=True)
    parser.add_argument("--form", default="")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=5)
    return parser.parse_args()


def shapes(net):
    """Batches, shape of a batch's inputs, shape of its labels, number of classes."""
    batch = batch_rows(net)
    steps = ROWS[net] // batch
    if net in DENSE:
        return steps, (batch, COLUMNS), (batch,), CLASSES
    if net in IMAGES:
        return steps, (batch, SIDE, SIDE, 1), (batch,), CLASSES
    return steps, (batch, STEPS, CHARACTERS), (batch, STEPS), CHARACTERS


def report(net, epochs, epoch, **more):
    """Times `epoch()` and prints samples a second: on the wall, and by the time that the process computed."""
    epoch()
    epoch()
    wall, computed = [], []
    for _ in range(epochs):
        start, before = time.perf_counter(), time.process_time()
        epoch()
        wall.append(time.perf_counter() - start)
        computed.append(time.process_time() - before)
    rows = ROWS[net]
    figures = {
        "samples_per_second": rows / statistics.median(wall),
        "best_samples_per_second": rows / min(wall),
        "samples_per_thread_second": rows / statistics.median(computed),
    }
    print(json.dumps({**figures, **more}))


def limit_threads(threads):
    """Before a framework is imported."""
    for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
        os.environ[name] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
