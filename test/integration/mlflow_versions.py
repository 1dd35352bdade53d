"""How a team registers models of several flavors with MLflow's own client; prints what it saw as JSON, for
mlflow-versions.test.ts to judge.

Argument: a folder to work in. Address and token come from MLflow's own variables.
"""

import json
import os
import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

(folder,) = sys.argv[1:]
client = MlflowClient()

random = np.random.default_rng(7)
rows = pd.DataFrame(random.random((200, 3)), columns=["distance", "hour", "seats"])
late = (rows.distance + 0.3 * rows.hour > 0.7).astype(int).rename("late")
classifier = LogisticRegression().fit(rows.to_numpy(), late)
graph = to_onnx(classifier, rows.to_numpy(dtype="float32")[:1], options={"zipmap": False})
asked = rows.head(3)
known = {
    "signature": infer_signature(rows, classifier.predict(rows.to_numpy())),
    "input_example": asked,
}

mlflow.set_experiment("delays")
with mlflow.start_run() as run:
    flights = mlflow.data.from_pandas(rows.join(late), name="flights", targets="late")
    mlflow.log_input(flights, context="training")
    mlflow.log_metric("accuracy", classifier.score(rows.to_numpy(), late))
    mlflow.set_tag("mlflow.source.git.commit", "0123456789abcdef0123456789abcdef01234567")
    # The model as it was trained and as it can be served, in the way that MLflow's tutorials show.
    trained = mlflow.sklearn.log_model(
        classifier, name="trained", registered_model_name="late-sklearn", pip_requirements=["scikit-learn"], **known
    )
    exported = mlflow.onnx.log_model(
        graph, name="exported", registered_model_name="late-onnx", pip_requirements=["onnxruntime"], **known
    )
    # A folder among the run's artifacts, as MLflow 2 wrote them.
    saved = os.path.join(folder, "saved")
    mlflow.onnx.save_model(graph, saved, pip_requirements=["onnxruntime"], **known)
    mlflow.log_artifacts(saved, "saved")
mlflow.register_model(f"runs:/{run.info.run_id}/saved", "late-by-run")
client.copy_model_version("models:/late-onnx/1", "late-copy")


def describe(name):
    version = client.get_model_version(name, "1")
    return {
        "status": version.status,
        "message": version.status_message,
        "source": version.source,
        "run": version.run_id == run.info.run_id,
        "download": client.get_model_version_download_uri(name, "1"),
    }


def predict(load, name):
    return np.asarray(load(f"models:/{name}/1").predict(asked)).ravel().tolist()


print(
    json.dumps(
        {
            "run": run.info.run_id,
            "artifacts": run.info.artifact_uri,
            "models": {"trained": trained.model_id, "exported": exported.model_id},
            "digest": flights.digest,
            "versions": {name: describe(name) for name in ["late-sklearn", "late-onnx", "late-by-run", "late-copy"]},
            "registrations": {
                model.name: client.get_logged_model(model.model_id).tags.get("mlflow.modelVersions")
                for model in client.search_logged_models([run.info.experiment_id])
            },
            "expected": classifier.predict(asked.to_numpy()).tolist(),
            "loaded": predict(mlflow.pyfunc.load_model, "late-sklearn"),
            "asked": asked.to_dict(orient="split", index=False),
            "probabilities": classifier.predict_proba(asked.to_numpy()).tolist(),
        }
    )
)
