"""Holds the baselines against scikit-learn on MNIST: alternate runs, medians, ratios.

    pip install scikit-learn
    cargo build --release --example baseline_speed
    LABBOOK_DATA_MIRROR=... python benches/peers/baselines.py svm 4000 [runs]

Each side fits on the first ROWS training rows and predicts the first 2,000 test rows, reading not counted.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

TEST_ROWS = 2000


def part(name, rows):
    folder = os.path.join(os.environ["LABBOOK_DATA_MIRROR"], "mnist")
    with gzip.open(f"{folder}/{name}-images-idx3-ubyte.gz") as f:
        x = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 784)[:rows] / 255.0
    with gzip.open(f"{folder}/{name}-labels-idx1-ubyte.gz") as f:
        y = np.frombuffer(f.read(), np.uint8, offset=8)[:rows]
    return x, y


def peer(model):
    return {
        "svm": SVC(),
        "svm-auto": SVC(gamma="auto"),
        "svm-linear": SVC(kernel="linear"),
        "logistic": LogisticRegression(),
        "knn": KNeighborsClassifier(),
        # As many threads as labbook takes.
        "forest": RandomForestClassifier(n_jobs=-1),
    }[model]


def main():
    model, rows = sys.argv[1], int(sys.argv[2])
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    x, y = part("train", rows)
    x_test, y_test = part("t10k", TEST_ROWS)
    ours, theirs = [], []
    for _ in range(runs):
        command = ["target/release/examples/baseline_speed", model, str(rows)]
        ours.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
        start = time.perf_counter()
        accuracy = (peer(model).fit(x, y).predict(x_test) == y_test).mean()
        theirs.append((time.perf_counter() - start, accuracy))
    labbook = statistics.median(run["seconds"] for run in ours)
    sklearn_seconds = statistics.median(seconds for seconds, _ in theirs)
    print(f"{model}, {rows} rows, median of {runs}, scikit-learn {sklearn.__version__}")
    print(f"labbook      {labbook:7.3f} s  accuracy {ours[0]['accuracy']:.4f}")
    print(f"scikit-learn {sklearn_seconds:7.3f} s  accuracy {theirs[0][1]:.4f}")
    print(f"ratio        {labbook / sklearn_seconds:7.2f}")


main()
