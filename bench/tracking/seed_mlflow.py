"""Writes an experiment into the SQLite database of an MLflow server, row by row as MLflow's store would.

Arguments: database file, artifact root, name of the experiment. Runs come as lines of JSON on standard input, of
the shape that domain/tracking/runs/run.ts declares. Prints {"experimentId": …}.
"""

import json
import sqlite3
import sys

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

ROWS = {
    "runs": "run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, "
            "source_version, lifecycle_stage, artifact_uri, experiment_id",
    "params": "key, value, run_uuid",
    "tags": "key, value, run_uuid",
    "metrics": "key, value, timestamp, step, is_nan, run_uuid",
    "latest_metrics": "key, value, timestamp, step, is_nan, run_uuid",
}
RUNS_AT_ONCE = 1000


def to_rows(run, experiment_id):
    run_id = run["runId"]
    points = [(key, p["value"], p["timestamp"], p["step"], False, run_id) for key, p in run["latest"].items()]
    return {
        "runs": [(run_id, run["name"], "UNKNOWN", "", "", run["userId"], run["status"], run["startTime"],
                  run["endTime"], "", "active", run["artifactUri"], experiment_id)],
        "params": [(key, value, run_id) for key, value in run["params"].items()],
        "tags": [(key, value, run_id) for key, value in run["tags"].items()],
        "metrics": points,
        "latest_metrics": points,
    }


def insert(database, runs, experiment_id):
    rows = [to_rows(run, experiment_id) for run in runs]
    for table, columns in ROWS.items():
        marks = ", ".join("?" for _ in columns.split(","))
        values = [row for of_run in rows for row in of_run[table]]
        database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
    database.commit()


def main(file, artifact_root, name):
    experiment_id = SqlAlchemyStore(f"sqlite:///{file}", artifact_root).create_experiment(name)
    database = sqlite3.connect(file, timeout=60)
    batch = []
    for line in sys.stdin:
        batch.append(json.loads(line))
        if len(batch) == RUNS_AT_ONCE:
            insert(database, batch, int(experiment_id))
            batch = []
    insert(database, batch, int(experiment_id))
    print(json.dumps({"experimentId": experiment_id}))


main(*sys.argv[1:])
