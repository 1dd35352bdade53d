"""Exports models of many kinds as teams do, each with the answers of its framework, for model-kinds.test.ts to check.

Argument: a folder, which gets <kind>.onnx, <kind>.example.json and, for tables, <kind>.signature.json.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import (
    BooleanTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder = Path(sys.argv[1])
random = np.random.default_rng(7)
N = 120


def save(kind, graph, inputs, outputs, signature=None):
    (folder / f"{kind}.onnx").write_bytes(graph.SerializeToString())
    example = {"inputs": inputs, "outputs": outputs, "tolerance": 1e-4}
    (folder / f"{kind}.example.json").write_text(json.dumps(example))
    if signature is not None:
        (folder / f"{kind}.signature.json").write_text(json.dumps({"inputs": signature}))


def classified(model, rows, label="label", probabilities="probabilities"):
    pairs = zip(model.predict(rows).tolist(), model.predict_proba(rows).tolist())
    return [{label: one, probabilities: shares} for one, shares in pairs]


table = pd.DataFrame(
    {
        "Age (years)": random.uniform(18, 90, N),
        "income": random.normal(50, 10, N),
        "city": random.choice(["Bern", "Köln", "Paris"], N),
        "plan": random.choice(["a", "b"], N),
        "visits": random.integers(0, 9, N),
    }
)
table.loc[::7, "income"] = np.nan
late = (table["Age (years)"] > 50).astype(int)
types = {"Age (years)": "double", "income": "double", "city": "string", "plan": "string", "visits": "long"}
signature = [{"name": name, "type": kind, "required": True} for name, kind in types.items()]
tensors = {"double": FloatTensorType, "long": Int64TensorType, "string": StringTensorType}
asked = table.head(9)
split = json.loads(asked.to_json(orient="split", index=False))


def pipeline(numbers, texts):
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
        ]
    )
    return Pipeline([("prepare", prepare), ("model", LogisticRegression())])


by_name = pipeline(["Age (years)", "income", "visits"], ["city", "plan"]).fit(table, late)
one_a_column = [(name, tensors[kind]([None, 1])) for name, kind in types.items()]


def export(options):
    return convert_sklearn(by_name, initial_types=one_a_column, options={id(by_name): options})


zipped = ("output_label", "output_probability")
save("pipeline-without-zipmap", export({"zipmap": False}), split, classified(by_name, asked), signature)
save("pipeline-with-zipmap", export({}), split, classified(by_name, asked, *zipped), signature)
columns = [
    {"output_label": row["output_label"], **{f"i{k}": share for k, share in enumerate(row["output_probability"])}}
    for row in classified(by_name, asked, *zipped)
]
save("pipeline-with-a-column-a-class", export({"zipmap": "columns"}), split, columns, signature)

reordered = table[["Age (years)", "income", "visits", "city", "plan"]]
by_position = pipeline([0, 1, 2], [3, 4]).fit(reordered, late)
grouped = convert_sklearn(
    by_position,
    initial_types=[("num", FloatTensorType([None, 3])), ("cat", StringTensorType([None, 2]))],
    options={id(by_position): {"zipmap": False}},
)
save("pipeline-of-two-matrices", grouped, split, classified(by_position, reordered.head(9)), signature)

floats = random.normal(size=(N, 4)).astype(np.float32)
three = np.digitize(floats[:, 0], [-0.5, 0.5])
named = RandomForestClassifier(10, random_state=1).fit(floats, np.array(["low", "mid", "high"])[three])
save("text-labels", to_onnx(named, floats[:1]), {"inputs": floats[:9].tolist()}, classified(named, floats[:9], *zipped))

wide = floats.astype(np.float64)
exact = LinearRegression().fit(wide, wide[:, 0] * 2)
save("float64", to_onnx(exact, wide[:1]), {"inputs": wide[:9].tolist()}, exact.predict(wide[:9]).tolist())

counts = random.integers(0, 100, (N, 3))
forest = RandomForestRegressor(5, random_state=1).fit(counts, counts[:, 0] * 2.0)
save("int64", to_onnx(forest, counts[:1]), {"inputs": counts[:9].tolist()}, forest.predict(counts[:9]).tolist())

flags = random.integers(0, 2, (N, 3)).astype(bool)
logical = LogisticRegression().fit(flags, flags[:, 0].astype(int))
boolean = convert_sklearn(
    logical, initial_types=[("x", BooleanTensorType([None, 3]))], options={id(logical): {"zipmap": False}}
)
save("bool", boolean, {"inputs": flags[:9].tolist()}, classified(logical, flags[:9]))

reviews = np.array(["Good movie", "bad movie", "great film", "awful film", "good film", "Bad bad film"] * 5)
liked = np.array([1, 0, 1, 0, 1, 0] * 5)
text = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(reviews, liked)
words = convert_sklearn(text, initial_types=[("text", StringTensorType([None, 1]))])
rows = {"dataframe_split": {"columns": ["The review"], "data": [[one] for one in reviews[:6]]}}
review = [{"name": "The review", "type": "string"}]
save("text", words, rows, classified(text, reviews[:6], *zipped), review)

four = convert_sklearn(exact, initial_types=[("x", FloatTensorType([4, 4]))])
# Nine rows of a model that takes four at a time.
save("fixed-batch", four, {"inputs": floats[:9].tolist()}, exact.predict(floats[:9]).tolist())

save("weights-beside", to_onnx(exact, floats[:1]), {"inputs": floats[:9].tolist()}, exact.predict(floats[:9]).tolist())
beside = onnx.load(folder / "weights-beside.onnx")
onnx.save_model(
    beside, folder / "weights-beside.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0
)
