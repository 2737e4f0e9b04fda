"""Prints the numbers that src/baselines/tests.rs holds the baselines against.

    pip install scikit-learn==1.9.1
    python tests/reference/baselines.py
"""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

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


def show(name, model, data, values, beside=0.0):
    x, y = data
    model.fit(x.astype(np.float32).astype(float), y)
    x = (x + beside).astype(np.float32).astype(float) if beside else x
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


def slopes():
    """The rows of `ramps` with a number each."""
    x, _ = ramps()
    i = np.arange(120)
    a, b, c = x.T
    return x, (3 * a - 2 * b * b + a * c + ((i * i * 13) % 97) / 97).astype(np.float32).astype(float)


def probabilities(model, x):
    return model.predict_proba(x)


def show_numbers(name, model, data=slopes(), asked=None):
    """A regression, asked half a step beside its rows too."""
    model.fit(*data)
    x, _ = asked or data
    beside = (x + 0.125).astype(np.float32).astype(float)
    values = [", ".join(f"{v:.6f}" for v in model.predict(x[PROBES])) for x in (x, beside)]
    print(f"{name}: [{values[0]}], beside [{values[1]}]")


show("knn ramps", KNeighborsClassifier(), ramps(), probabilities)
show("knn ramps k=9 by distance, asked beside its rows", KNeighborsClassifier(9, weights="distance"), ramps(), probabilities, 0.125)
show("knn ramps k=4 manhattan", KNeighborsClassifier(4, p=1), ramps(), probabilities)
show_numbers("knn slopes", KNeighborsRegressor())
show_numbers("knn slopes k=3 by distance manhattan", KNeighborsRegressor(3, weights="distance", p=1))


def dependent(data):
    """Four columns more: one constant, one twice and one half another, and a product."""
    x, y = data
    more = [np.full(120, 0.1), 2 * x[:, 0], x[:, 1] / 2, x[:, 0] * x[:, 1]]
    return np.column_stack([x, *more]).astype(np.float32).astype(float), y


def few(data):
    """Its first five rows."""
    return data[0][:5], data[1][:5]


show_numbers("linear slopes", LinearRegression())
show_numbers("linear slopes, columns that depend on each other", LinearRegression(), dependent(slopes()))
show_numbers("linear slopes alpha=3", Ridge(alpha=3, solver="svd"))
show_numbers("linear five slopes of many columns", LinearRegression(), few(dependent(slopes())), asked=dependent(slopes()))
show_numbers("linear five slopes of many columns alpha=0.1", Ridge(alpha=0.1, solver="svd"), few(dependent(slopes())), asked=dependent(slopes()))
show("naive Bayes iris", GaussianNB(), iris(), log_probabilities)
show("naive Bayes ramps var_smoothing=0.1", GaussianNB(var_smoothing=0.1), ramps(), log_probabilities, 0.125)


def whatever_the_order(tree, data, ask):
    """The tree, if it is the same in whatever order scikit-learn looks at the columns."""
    x, y = data
    answers = [ask(tree(random_state=seed).fit(x, y), np.vstack([x, x + 0.125])) for seed in range(50)]
    assert all((answer == answers[0]).all() for answer in answers), "equal splits"
    return tree(random_state=0)


def classifier(**parameters):
    tree = lambda **state: DecisionTreeClassifier(**parameters, **state)
    return whatever_the_order(tree, ramps(), probabilities)


def regressor(**parameters):
    tree = lambda **state: DecisionTreeRegressor(**parameters, **state)
    return whatever_the_order(tree, slopes(), lambda model, x: model.predict(x))


show("tree ramps max_depth=2, asked beside its rows", classifier(max_depth=2), ramps(), probabilities, 0.125)
show("tree ramps max_depth=3 min_samples_leaf=5", classifier(max_depth=3, min_samples_leaf=5), ramps(), probabilities)
show("tree ramps entropy max_depth=4", classifier(criterion="entropy", max_depth=4), ramps(), probabilities)
show_numbers("tree slopes max_depth=4 min_samples_leaf=3", regressor(max_depth=4, min_samples_leaf=3))
show_numbers("tree slopes min_samples_leaf=5 min_samples_split=20", regressor(min_samples_leaf=5, min_samples_split=20))


def halves(forest, data):
    """Mean score on the odd rows of forests on the even ones."""
    x, y = data
    scores = [forest(random_state=seed).fit(x[::2], y[::2]).score(x[1::2], y[1::2]) for seed in range(20)]
    return f"{np.mean(scores):.3f} ± {np.std(scores):.3f}"


print("forest iris, half against half:", halves(RandomForestClassifier, iris()))
print("forest ramps, half against half:", halves(RandomForestClassifier, ramps()))
print("forest slopes, half against half:", halves(RandomForestRegressor, slopes()))
