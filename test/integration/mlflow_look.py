"""Looks at a server by MLflow's own client and prints what it sees, in names and values that a move must keep.

Address from MLFLOW_TRACKING_URI; a folder to download to as the argument.
"""

import hashlib
import json
import os
import sys

import mlflow
import mlflow.sklearn
from mlflow import MlflowClient
from mlflow.entities import ViewType

folder = sys.argv[1]
client = MlflowClient()


def own(tags):
    """Tags of people, without marks and ids of either server."""
    return {k: v for k, v in tags.items() if not k.startswith(("perennial.", "mlflow.", "trained by"))}


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:12]


def files(run_id, path=None):
    for item in client.list_artifacts(run_id, path):
        if item.is_dir:
            yield from files(run_id, item.path)
        elif "MLmodel" not in item.path:
            yield item.path, digest(client.download_artifacts(run_id, item.path, folder))


seen = {"experiments": {}, "runs": {}}
names = {}
for experiment in client.search_experiments(view_type=ViewType.ALL):
    seen["experiments"][experiment.name] = [experiment.lifecycle_stage, own(experiment.tags)]
    for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL, max_results=1000):
        info, data = run.info, run.data
        names[info.run_id] = info.run_name
        seen["runs"][info.run_name] = {
            "in": experiment.name,
            "info": [info.status, info.lifecycle_stage, info.start_time, info.end_time],
            "params": data.params,
            "tags": own(data.tags),
            "note": data.tags.get("mlflow.note.content"),
            "parent": data.tags.get("mlflow.parentRunId"),
            "history": {key: [[m.step, m.timestamp, repr(m.value)] for m in client.get_metric_history(info.run_id, key)]
                        for key in sorted(data.metrics)},
            "datasets": [[i.dataset.name, i.dataset.digest, sorted((t.key, t.value) for t in i.tags)]
                         for i in run.inputs.dataset_inputs],
            "files": sorted(files(info.run_id)) if experiment.lifecycle_stage == "active" else [],
        }
for run in seen["runs"].values():
    run["parent"] = names.get(run["parent"], run["parent"])

seen["models"] = {}
for model in client.search_registered_models():
    versions = client.search_model_versions(f"name = '{model.name}'")
    seen["models"][model.name] = {
        "description": model.description,
        "tags": own(model.tags),
        "aliases": model.aliases,
        "versions": sorted(
            [v.version, v.description, v.current_stage, own(v.tags), names.get(v.run_id, v.run_id)] for v in versions
        ),
    }
prompt = mlflow.genai.load_prompt("prompts:/greeting@polite")
seen["prompt"] = [prompt.template, prompt.version]

ids = [e.experiment_id for e in client.search_experiments()]
[logged] = [m for m in client.search_logged_models(ids) if m.name == "classifier"]
seen["logged"] = {
    "status": str(logged.status),
    "params": logged.params,
    "tags": own(logged.tags),
    "trained by": names.get(logged.tags["trained by"]),
    "run": names.get(logged.source_run_id),
    "metrics": [[m.key, m.value, m.dataset_name, names.get(m.run_id)] for m in logged.metrics],
}
fitted = next(run_id for run_id, name in names.items() if name == "fitted")
[output] = client.get_run(fitted).outputs.model_outputs
loaded = mlflow.sklearn.load_model("models:/delays-classifier@challenger")
seen["logged"]["output"] = output.model_id == logged.model_id
seen["logged"]["predicts"] = loaded.predict([[2.0, 3.0], [4.0, 5.0]]).tolist()
mlmodel = os.path.join(mlflow.artifacts.download_artifacts("models:/delays-classifier/1"), "MLmodel")
with open(mlmodel, encoding="utf-8") as file:
    text = file.read()
seen["logged"]["mlmodel"] = logged.model_id in text and fitted in text
print(json.dumps(seen, sort_keys=True))
