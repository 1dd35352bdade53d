"""What a team does with MLflow 3's logged models; prints what it saw as JSON, for logged-models.test.ts to judge.

Address and token come from MLflow's own variables.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus, Metric
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

client = MlflowClient()
seen = {}
rows = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
labels = np.array([0, 1, 1, 0])

# A run that makes a model, and another one that judges it.
experiment = mlflow.set_experiment("late-flights")
with mlflow.start_run(run_name="training") as training:
    fitted = LogisticRegression(C=0.5).fit(rows, labels)
    logged = mlflow.sklearn.log_model(fitted, name="late", params={"C": 0.5}, step=3)
    mlflow.log_metric("loss", 0.4, step=1, model_id=logged.model_id)
with mlflow.start_run(run_name="judging") as judging:
    flights = mlflow.data.from_numpy(rows, targets=labels, name="flights")
    mlflow.log_input(flights, context="eval", model=mlflow.entities.LoggedModelInput(logged.model_id))
    mlflow.log_metrics({"accuracy": 0.9, "auc": 0.95}, dataset=flights, model_id=logged.model_id)

model = mlflow.get_logged_model(logged.model_id)
seen["model"] = {
    "name": model.name,
    "status": str(model.status),
    "type": model.model_type,
    "params": model.params,
    "source": model.source_run_id == training.info.run_id,
    "location": model.artifact_location.endswith(f"/{experiment.experiment_id}/models/{model.model_id}/artifacts"),
    "metrics": sorted(
        [m.key, m.value, m.step, m.run_id == judging.info.run_id, m.dataset_name] for m in model.metrics
    ),
}
run = client.get_run(training.info.run_id)
judged = client.get_run(judging.info.run_id)
seen["runs"] = {
    "outputs": [[o.model_id == model.model_id, o.step] for o in run.outputs.model_outputs],
    "inputs": [i.model_id == model.model_id for i in judged.inputs.model_inputs],
    "metrics": [run.data.metrics, judged.data.metrics],
}

# Its files: loaded by the model's id, and by the version that was made from it.
version = mlflow.register_model(f"models:/{model.model_id}", "late")
seen["loaded"] = [
    mlflow.sklearn.load_model(f"models:/{model.model_id}").predict(rows).tolist(),
    mlflow.pyfunc.load_model("models:/late/1").predict(rows).tolist(),
]
seen["versions"] = json.loads(client.get_logged_model(model.model_id).tags["mlflow.modelVersions"])

# Models without files, the active model, tags, search.
mlflow.set_active_model(name="external")
active = mlflow.get_active_model_id()
with mlflow.start_run():
    mlflow.log_metric("loss", 0.2)
    mlflow.log_metric("loss", 0.1, step=2)
other = mlflow.create_external_model(name="other", model_type="agent", tags={"team": "ops"})
mlflow.set_logged_model_tags(other.model_id, {"stage": "draft"})
mlflow.delete_logged_model_tag(other.model_id, "team")
client.finalize_logged_model(other.model_id, LoggedModelStatus.FAILED)
seen["other"] = [client.get_logged_model(other.model_id).tags, str(client.get_logged_model(other.model_id).status)]


def names(**query):
    ids = [experiment.experiment_id]
    return [m.name for m in mlflow.search_logged_models(ids, output_format="list", **query)]


seen["search"] = {
    "newest first": names(),
    "by metric": names(filter_string="metrics.loss < 0.3"),
    "by param": names(filter_string="params.C = '0.5' AND name LIKE 'la%'"),
    "by tag": names(filter_string="tags.stage = 'draft'"),
    "on a dataset": names(datasets=[{"dataset_name": "flights"}]),
    "by loss": names(order_by=[{"field_name": "metrics.loss", "ascending": True}]),
    "by accuracy on a dataset": names(
        order_by=[{"field_name": "metrics.accuracy", "ascending": False, "dataset_name": "flights"}]
    ),
}
first = client.search_logged_models([experiment.experiment_id], max_results=2)
rest = client.search_logged_models([experiment.experiment_id], max_results=2, page_token=first.token)
seen["pages"] = [[m.name for m in first], [m.name for m in rest], rest.token]


def refusal(call):
    try:
        call()
    except MlflowException as error:
        return [error.error_code, error.message]
    return None


# Sixteen writers at once lose nothing.
writers = client.create_run(experiment.experiment_id)


def write(step):
    client.log_batch(writers.info.run_id, [Metric("seen", float(step), step, step, model_id=other.model_id)])


with ThreadPoolExecutor(16) as pool:
    list(pool.map(write, range(32)))
seen["writers"] = sorted(m.step for m in client.get_logged_model(other.model_id).metrics)

client.delete_logged_model(other.model_id)
seen["deleted"] = {
    "get": refusal(lambda: client.get_logged_model(other.model_id)),
    "search": names(),
    "unknown": refusal(lambda: client.get_logged_model("m-" + "0" * 32)),
}
seen["ids"] = {"other": other.model_id, "active": active == client.search_logged_models(
    [experiment.experiment_id], filter_string="name = 'external'"
)[0].model_id}

print(json.dumps(seen))
