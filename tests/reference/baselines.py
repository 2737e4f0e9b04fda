"""Prints the numbers that src/baselines/tests.rs holds the baselines against.

    pip install scikit-learn==1.9.1
    python tests/reference/baselines.py
"""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

PROBES = [0, 60, 70, 83, 119]


def iris():
    x, y = load_iris(return_X_y=True)
    # Two rows of scikit-learn's copy differ from the UCI file, which linfa-datasets ships.
    x[34, 3] = 0.1
    x[37, 1:3] = 3.1, 1.5
    return x, y


def ramps():
    """120 rows of 3 columns in 3 overlapping classes, by formula: the same in every language."""
    i = np.arange(120)
    x = np.stack([(i * 7919 + 13) % 1009, (i * i * 31 + 7) % 499, (i * 104729 + i * i) % 2003], axis=1)
    x = (x / [1009.0, 499.0, 2003.0]).astype(np.float32).astype(float)
    y = np.minimum(2, (3 * (x[:, 0] + x[:, 1] ** 2 + 0.3 * x[:, 2]) / 1.8).astype(int))
    return x, np.where(i % 11 == 0, (y + 1) % 3, y)


def show(name, model, data, values):
    x, y = data
    model.fit(x.astype(np.float32).astype(float), y)
    print(f"{name}: accuracy {(model.predict(x) == y).sum()} of {len(y)}")
    for row in values(model, x[PROBES]):
        print("    [" + ", ".join(f"{v:.6f}" for v in row) + "],")


def log_probabilities(model, x):
    return model.predict_log_proba(x)


def decisions(model, x):
    return model.decision_function(x)


def two(data):
    x, y = data
    return x, np.minimum(y, 1)


def exact(**parameters):
    return SVC(tol=1e-6, break_ties=True, **parameters)


logistic = dict(tol=1e-9, max_iter=100_000)
show("logistic iris", LogisticRegression(**logistic), iris(), log_probabilities)
show("logistic ramps C=10", LogisticRegression(C=10, **logistic), ramps(), log_probabilities)
show("logistic two ramps", LogisticRegression(**logistic), two(ramps()), log_probabilities)
show("svm iris", exact(), iris(), decisions)
show("svm ramps gamma=auto C=10", exact(gamma="auto", C=10), ramps(), decisions)
show("svm ramps gamma=5", exact(gamma=5.0), ramps(), decisions)
show("svm ramps linear", exact(kernel="linear"), ramps(), decisions)
show("svm iris linear", exact(kernel="linear"), iris(), decisions)


def far_out():
    x, y = iris()
    x[1], x[149] = -400.0, 400.0
    return x, y


show("logistic iris with two rows far out", LogisticRegression(**logistic), far_out(), log_probabilities)
