"""What a team does with MLflow's own client; prints what it saw as JSON, for mlflow.test.ts to judge.

Arguments: the model's file and a folder to work in. Address and token come from MLflow's own variables.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import mlflow
import mlflow.sklearn
import numpy as np
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

model_file, folder = sys.argv[1:]
client = MlflowClient()
seen = {"version": mlflow.__version__}

# A run, by the fluent interface.
mlflow.set_experiment("delays")
with mlflow.start_run(run_name="first") as run:
    mlflow.log_params({"rounds": 20, "learning_rate": 0.1})
    mlflow.log_metric("auc", 0.81, step=1)
    mlflow.log_metric("auc", 0.83, step=2)
    mlflow.set_tag("team", "operations")
    notes = os.path.join(folder, "notes.txt")
    with open(notes, "w", encoding="utf-8") as file:
        file.write("what we saw")
    mlflow.log_artifact(notes, artifact_path="docs")
    mlflow.log_artifact(model_file, artifact_path="model")
run_id = run.info.run_id
stored = client.get_run(run_id)
seen["run"] = {
    "status": stored.info.status,
    "name": stored.info.run_name,
    "params": stored.data.params,
    "auc": stored.data.metrics["auc"],
    "team": stored.data.tags["team"],
    "history": [[m.step, m.value] for m in client.get_metric_history(run_id, "auc")],
}

# A batch of 1,000 metrics, the most that MLflow sends at once.
other = client.create_run(stored.info.experiment_id, run_name="second")
now = int(time.time() * 1000)
metrics = [Metric(f"m{i % 10}", float(i), now, i) for i in range(1000)]
began = time.perf_counter()
client.log_batch(other.info.run_id, metrics=metrics)
seconds = time.perf_counter() - began
client.log_batch(other.info.run_id, params=[Param("rounds", "40")], tags=[RunTag("second", "yes")])
seen["batch"] = {
    "seconds": seconds,
    "last": client.get_run(other.info.run_id).data.metrics,
    "history": len(client.get_metric_history(other.info.run_id, "m3")),
}
client.set_terminated(other.info.run_id, "FINISHED")

# Artifacts come back as they went.
paths = [item.path for item in client.list_artifacts(run_id, "docs")]
local = client.download_artifacts(run_id, "docs/notes.txt", folder)
with open(local, encoding="utf-8") as file:
    seen["artifacts"] = {"paths": paths, "text": file.read()}
local = client.download_artifacts(run_id, f"model/{os.path.basename(model_file)}", folder)
with open(local, "rb") as copy, open(model_file, "rb") as sent:
    seen["artifacts"]["same"] = copy.read() == sent.read()

# A file of several parts goes to S3, and comes back from there.
large = os.path.join(folder, "large.bin")
with open(large, "wb") as file:
    file.write(os.urandom(12 * 1024 * 1024))
client.log_artifact(run_id, large, "large")
local = client.download_artifacts(run_id, "large/large.bin", folder)
with open(local, "rb") as copy, open(large, "rb") as sent:
    seen["large"] = copy.read() == sent.read()

# Sixteen writers on one run lose nothing.
writers = client.create_run(stored.info.experiment_id, run_name="writers").info.run_id


def write(writer):
    for step in range(3):
        client.log_metric(writers, "seen", float(writer), timestamp=now + step, step=3 * writer + step)
    client.log_param(writers, f"writer{writer}", writer)
    client.set_tag(writers, f"writer{writer}", "done")


with ThreadPoolExecutor(16) as pool:
    list(pool.map(write, range(16)))
written = client.get_run(writers).data
seen["writers"] = {
    "steps": sorted(point.step for point in client.get_metric_history(writers, "seen")),
    "params": len(written.params),
    "tags": sum(value == "done" for value in written.tags.values()),
}
client.set_terminated(writers, "FINISHED")

# Autologging of scikit-learn, the model that it logs, and the version that is made of it.
mlflow.set_experiment("autologged")
mlflow.sklearn.autolog(registered_model_name="autologged")
rows = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]] * 25)
labels = (rows[:, 0] > 0.5).astype(int)
with mlflow.start_run() as trained:
    fitted = LogisticRegression(C=0.5).fit(rows, labels)
mlflow.sklearn.autolog(disable=True)
logged = client.get_run(trained.info.run_id).data
asked = rows[:4]
seen["autolog"] = {
    "C": logged.params["C"],
    "accuracy": logged.metrics["training_accuracy_score"],
    "estimator": logged.tags["estimator_name"],
    "files": sorted(item.path for item in client.list_artifacts(trained.info.run_id)),
    "loaded": mlflow.sklearn.load_model(f"runs:/{trained.info.run_id}/model").predict(asked).tolist(),
    "byVersion": mlflow.pyfunc.load_model("models:/autologged/1").predict(asked).tolist(),
    "expected": fitted.predict(asked).tolist(),
}

# Searches.
def search(text, **more):
    runs = client.search_runs([stored.info.experiment_id], text, **more)
    return [found.info.run_name for found in runs]


seen["search"] = {
    "metric": search("metrics.auc > 0.82"),
    "parameter": search("params.rounds = '40'"),
    "tag": search("tags.team = 'operations' and attributes.status = 'FINISHED'"),
    "ordered": search("", order_by=["attributes.start_time ASC"]),
    "experiments": sorted(e.name for e in client.search_experiments()),
}

# The registry: a version from the run's artifacts, an alias on it.
client.create_registered_model("delays", description="late or not")
version = client.create_model_version("delays", f"{run.info.artifact_uri}/model", run_id=run_id)
version = client.get_model_version("delays", version.version)
client.set_registered_model_alias("delays", "champion", version.version)
client.set_model_version_tag("delays", version.version, "checked", "yes")
by_alias = client.get_model_version_by_alias("delays", "champion")
seen["registry"] = {
    "status": version.status,
    "run": version.run_id == run_id,
    "byAlias": [by_alias.version, by_alias.tags],
    "found": [v.version for v in client.search_model_versions("name='delays'")],
}

# What MLflow's clients do on errors depends on their codes.
def refused(call):
    try:
        call()
        return None
    except MlflowException as error:
        return error.error_code


seen["errors"] = {
    "absent run": refused(lambda: client.get_run("0" * 32)),
    "other value": refused(lambda: client.log_param(run_id, "rounds", "21")),
    "twice": refused(lambda: client.create_registered_model("delays")),
}
print(json.dumps(seen))
