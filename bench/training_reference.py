"""Fits scikit-learn's HistGradientBoosting on the rows that training.bench.ts wrote, and prints its figures."""

import json
import sys
import time

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

folder, features, training_rows, repeats = sys.argv[1], *map(int, sys.argv[2:5])
x = np.fromfile(f"{folder}/features.f32", np.float32).reshape(-1, features)
y = np.fromfile(f"{folder}/target.u8", np.uint8)

seconds = []
for _ in range(repeats):
    start = time.perf_counter()
    model = HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=0)
    model.fit(x[:training_rows], y[:training_rows])
    seconds.append(time.perf_counter() - start)

auc = roc_auc_score(y[training_rows:], model.decision_function(x[training_rows:]))
print(json.dumps({"seconds": seconds, "auc": auc}))
