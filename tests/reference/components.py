"""Prints the principal components that src/data/pca.rs is held against.

    pip install scikit-learn==1.9.1
    python tests/reference/components.py
"""

import numpy as np
from sklearn.decomposition import PCA


def formula(rows, columns):
    """Numbers by formula: the same in every language."""
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return ((i * 37 + j * j * 11 + i * i * j) % 101 / 101).astype(np.float32).astype(float)


def show(name, count, train, asked):
    pca = PCA(count, svd_solver="full").fit(train)
    print(f"{name}: variances {np.round(pca.explained_variance_, 6)}")
    for row in pca.transform(asked):
        print("    [" + ", ".join(f"{v:.6f}" for v in row) + "],")


tall, wide = formula(34, 6), formula(14, 50)
show("30 rows of 6 columns", 3, tall[:30], tall[[0, 17, 30, 33]])
show("12 rows of 50 columns", 3, wide[:12], wide[[0, 7, 12, 13]])
