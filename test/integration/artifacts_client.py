"""Transfers artifacts with MLflow's own client; prints what it saw as JSON, for artifacts.test.ts to judge.

The argument is a folder to work in. Address, token and sizes come from MLflow's own variables.
"""

import hashlib
import json
import os
import sys

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository

folder = sys.argv[1]
client = MlflowClient()
seen = {}
calls = []
plain_send = requests.Session.send


def send(session, request, **more):
    """Notes what the client sends where."""
    answer = plain_send(session, request, **more)
    length = int(request.headers.get("Content-Length") or 0)
    calls.append(("X-Amz-Signature" in request.url, request.method, length, answer.status_code))
    return answer


requests.Session.send = send


def write(name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def made_up(name, size):
    return hashlib.shake_128(name.encode()).digest(size)


def read_all(root):
    found = {}
    for parent, _, names in os.walk(root):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                found[os.path.relpath(os.path.join(parent, name), root)] = file.read()
    return found


run = client.create_run(mlflow.set_experiment("transfers").experiment_id)
run_id = run.info.run_id

# Many small files in folders; names that need escapes, text that is not UTF-8, an empty one.
for number in range(20):
    write(f"many/{'abc'[number % 3]}/{number}.bin", made_up(str(number), 100 + number))
write("many/ä ö/x+y&z (1).csv", "größer;kleiner\n".encode())
write("many/ä ö/latin.csv", "größer;kleiner\n".encode("latin-1"))
write("many/empty.txt", b"")
sent = os.path.join(folder, "many")
client.log_artifacts(run_id, sent, "many")
copy = client.download_artifacts(run_id, "many", write("copy/.keep", b"")[:-6])
seen["small"] = {
    "same": read_all(copy) == read_all(sent),
    "listed": sorted(file.path for file in client.list_artifacts(run_id, "many")),
    "file": client.list_artifacts(run_id, "many/a/0.bin"),
}

# A large one, in parts both ways.
calls.clear()
large = write("large.bin", made_up("large", 30 * 1024 * 1024 + 1))
client.log_artifact(run_id, large, "models")
copy = client.download_artifacts(run_id, "models/large.bin", os.path.join(folder, "copy"))
with open(large, "rb") as one, open(copy, "rb") as other:
    same = one.read() == other.read()
seen["large"] = {
    "same": same,
    "parts": [length for signed, method, length, _ in calls if signed and method == "PUT"],
    "ranges": [status for signed, method, _, status in calls if signed and method == "GET"],
    "throughApi": max(length for signed, _, length, _ in calls if not signed),
    "size": [file.file_size for file in client.list_artifacts(run_id, "models")],
}

# A part that fails: the client aborts.
upload_part = HttpArtifactRepository._upload_part


def fail(credential, **more):
    if credential.part_number == 3:
        raise OSError("the line is cut")
    return upload_part(credential=credential, **more)


HttpArtifactRepository._upload_part = staticmethod(fail)
try:
    client.log_artifact(run_id, large, "broken")
except Exception as error:
    listed = client.list_artifacts(run_id, "broken")
    seen["broken"] = {"raised": "the line is cut" in str(error), "listed": listed}
HttpArtifactRepository._upload_part = staticmethod(upload_part)

# Without the variables a file passes the API, and is too large for it.
os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = str(500 * 1024 * 1024)
try:
    client.log_artifact(run_id, write("plain.bin", made_up("plain", 4 * 1024 * 1024 + 1)))
except Exception as error:
    seen["plain"] = str(error)

# Deleting takes a folder with all that is in it.
get_artifact_repository(run.info.artifact_uri).delete_artifacts("many")
seen["deleted"] = [file.path for file in client.list_artifacts(run_id)]
seen["run"] = {"id": run_id, "experiment": run.info.experiment_id}
print(json.dumps(seen))
