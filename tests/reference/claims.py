"""Reference values of the statistics behind claims, for the tests in `src/analysis`.

    pip install scipy==1.17.1
    python tests/reference/claims.py
"""

import scipy
from scipy import stats

print("scipy", scipy.__version__)

one = stats.ttest_1samp([0.931, 0.935, 0.928, 0.933, 0.930], 0.929, alternative="greater")
both = stats.ttest_1samp([0.931, 0.935, 0.928, 0.933, 0.930], 0.929)
print("one sample:", repr(float(one.pvalue)), [float(x) for x in both.confidence_interval(0.95)])

a, b = [0.93, 0.95, 0.94, 0.96], [0.91, 0.92, 0.935, 0.9, 0.925]
welch = stats.ttest_ind([x - 0.01 for x in a], b, equal_var=False, alternative="greater")
interval = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
print("Welch:", repr(float(welch.pvalue)), [float(x) for x in interval])

for a, b in [([1, 2, 2, 4, 5], [2, 1, 3, 5, 5]), ([1, 2, 3, 4], [4, 3, 1, 2])]:
    print("tau:", float(stats.kendalltau(a, b).statistic))
