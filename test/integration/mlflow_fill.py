"""Fills an MLflow server by its own client with what a move must keep; moving.test.ts moves it.

Address from MLFLOW_TRACKING_URI, a folder to work in as the argument. Prints the ids that the test looks for.
"""

import json
import math
import os
import sys

import mlflow
import mlflow.sklearn
import numpy
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from sklearn.linear_model import LogisticRegression

folder = sys.argv[1]
client = MlflowClient()
ids = {}


def write(name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


# 24 runs with histories of several metrics, some at the same step, some before time zero.
delays = client.create_experiment("delays", tags={"team": "operations", "mlflow.note.content": "late or not"})
small = write("notes é.txt", "seen\n".encode())
for number in range(24):
    run = client.create_run(delays, start_time=1_700_000_000_000 + number, run_name=f"trial {number}")
    points = [Metric(f"loss/{name}", 1 / (step + number + 1), 1_700_000_000_000 + step, step)
              for name in ("train", "test") for step in range(60)]
    client.log_batch(run.info.run_id, points, [Param("rounds", str(number)), Param("empty", "")],
                     [RunTag("quoted", "it's \"so\" → é")])
    client.log_artifact(run.info.run_id, small, "docs/deep")
    client.set_terminated(run.info.run_id, "FAILED" if number == 3 else "FINISHED", 1_700_000_100_000 + number)

# One run with everything that is odd: NaN, infinities, steps below zero, a long history, more than 100 params.
mlflow.set_experiment("delays")
with mlflow.start_run(run_name="odd", tags={"mlflow.note.content": "x"}) as odd:
    odd_id = odd.info.run_id
    client.log_batch(odd_id, [Metric("odd", value, 5, step) for step, value in
                              enumerate([math.nan, math.inf, -math.inf, 5e-324, 0.1 + 0.2], start=-2)])
    for begin in range(0, 2500, 1000):
        client.log_batch(odd_id, [Metric("long", math.sin(step), 1_700_000_000_000 + step // 2, step)
                                  for step in range(begin, min(begin + 1000, 2500))])
    for begin in range(0, 150, 100):
        client.log_batch(odd_id, params=[Param(f"p{i}", "v" * 300) for i in range(begin, min(begin + 100, 150))])
    data = mlflow.data.from_numpy(numpy.arange(12.0).reshape(6, 2), name="flights")
    mlflow.log_input(data, context="training", tags={"season": "winter"})
    mlflow.log_artifact(write("weights.bin", os.urandom(9 * 1024 * 1024)))
    with mlflow.start_run(run_name="child", nested=True) as child:
        mlflow.log_metric("inner", 1)
ids["odd"] = odd_id
ids["child"] = child.info.run_id

# A deleted run, a run that goes on, a deleted experiment.
gone = client.create_run(delays, run_name="gone")
client.log_metric(gone.info.run_id, "kept", 7)
client.delete_run(gone.info.run_id)
client.create_run(delays, run_name="going on")
old = client.create_experiment("old season")
client.log_param(client.create_run(old, run_name="last year").info.run_id, "kept", "yes")
client.delete_experiment(old)

# A logged model with metrics on a dataset, registered three times; the second version is deleted again.
x, y = numpy.arange(20.0).reshape(10, 2), numpy.array([0, 1] * 5)
with mlflow.start_run(run_name="fitted") as fitted:
    info = mlflow.sklearn.log_model(LogisticRegression().fit(x, y), name="classifier", input_example=x[:2],
                                    registered_model_name="delays-classifier", params={"C": "1.0"})
    mlflow.log_metric("accuracy", 0.75, dataset=data, model_id=info.model_id)
    client.set_logged_model_tags(info.model_id, {"checked": "yes", "trained by": fitted.info.run_id})
ids["model"] = info.model_id
ids["fitted"] = fitted.info.run_id
name = "delays-classifier"
for _ in range(2):
    client.create_model_version(name, f"models:/{info.model_id}", fitted.info.run_id, model_id=info.model_id,
                                description="again", tags={"by": "hand"})
client.delete_model_version(name, "2")
client.update_registered_model(name, "late or not, by weather")
client.set_registered_model_tag(name, "owner", "operations")
client.set_registered_model_alias(name, "champion", "1")
client.set_registered_model_alias(name, "challenger", "3")
client.transition_model_version_stage(name, "3", "Staging")
copied = client.copy_model_version(f"models:/{name}/3", "delays-live")
client.set_registered_model_alias("delays-live", "champion", copied.version)

mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}", tags={"lang": "en"})
mlflow.genai.register_prompt(name="greeting", template="Good day {{name}}")
mlflow.genai.set_prompt_alias("greeting", alias="polite", version=2)
print(json.dumps(ids))
