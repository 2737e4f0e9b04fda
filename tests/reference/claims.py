"""Reference values of the statistics behind claims, for the tests in `src/analysis`.

    pip install scipy==1.17.1 statsmodels==0.15.0
    python tests/reference/claims.py
"""

import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests

print("scipy", scipy.__version__, "statsmodels", statsmodels.__version__)

one = stats.ttest_1samp([0.931, 0.935, 0.928, 0.933, 0.930], 0.929, alternative="greater")
both = stats.ttest_1samp([0.931, 0.935, 0.928, 0.933, 0.930], 0.929)
print("one sample:", repr(float(one.pvalue)), [float(x) for x in both.confidence_interval(0.95)])

a, b = [0.93, 0.95, 0.94, 0.96], [0.91, 0.92, 0.935, 0.9, 0.925]
welch = stats.ttest_ind([x - 0.01 for x in a], b, equal_var=False, alternative="greater")
interval = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
print("Welch:", repr(float(welch.pvalue)), [float(x) for x in interval])

for a, b in [([1, 2, 2, 4, 5], [2, 1, 3, 5, 5]), ([1, 2, 3, 4], [4, 3, 1, 2])]:
    print("tau:", float(stats.kendalltau(a, b).statistic))

# Ties, values that would fall below a smaller one's, and one that reaches 1.
for p in [[0.01, 0.04, 0.03, 0.005, 0.6], [0.02, 0.02, 0.001, 0.6, 0.011, 0.04, 0.9, 0.0004]]:
    rejected, adjusted, _, _ = multipletests(p, alpha=0.05, method="holm")
    print("Holm:", [float(x) for x in adjusted], [bool(x) for x in rejected])
