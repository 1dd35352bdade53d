"""Writes the emulator's state down while it runs; by itself it does so only when it ends in order.

A forked child writes: it sees all services at one moment, and the emulator goes on serving meanwhile.
"""

import logging
import os
import signal
import threading
import time

from ministack import app
from ministack.core import persistence
from ministack.services import cloudformation, dynamodb, lambda_svc
from patching import original, replace

import log_delivery

logger = logging.getLogger("perennial")

# What a kill may cost. AWS loses nothing, but a laptop's emulator keeps its data in memory.
INTERVAL_SECONDS = 3.0
# Writing may take a tenth of the time, so that a large state does not slow the cloud down.
REST_PER_WRITE = 9
CHILD_SECONDS = 20

_changes = {"count": 0}
_child = {"pid": 0}
_stop = threading.Event()


def install():
    serve = original(app, "app")
    save_list = original(app, "_build_persistence_save_dict")

    async def serve_and_count(scope, receive, send):
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            _changes["count"] += 1
        elif scope["type"] == "lifespan":
            threading.Thread(target=_write_regularly, args=(save_list,), daemon=True).start()
        await serve(scope, receive, send)

    def save_list_at_end():
        """Runs when the emulator ends: an older picture must not overwrite what is saved now."""
        _stop.set()
        _end_child()
        log_delivery.flush_all()
        if _is_deploying():
            logger.warning("a deployment was cut off: the state from before it is kept")
            return {}
        return save_list()

    replace(app, "app", serve_and_count)
    replace(app, "_build_persistence_save_dict", save_list_at_end)
    _keep_layers_in_files()


def _write_regularly(save_list):
    written, rest = 0, INTERVAL_SECONDS
    while not _stop.wait(rest):
        rest = INTERVAL_SECONDS
        if _changes["count"] == written or _is_deploying():
            continue
        written = _changes["count"]
        seconds = _write_in_child(save_list)
        rest = max(INTERVAL_SECONDS, seconds * REST_PER_WRITE)


def _is_deploying():
    """A stack in the middle of an operation could never be deployed again: nobody is left to finish it."""
    return any(stack.get("StackStatus", "").endswith("_IN_PROGRESS") for stack in list(cloudformation._stacks._data.values()))


def _write_in_child(save_list):
    started = time.monotonic()
    # No fork in the middle of a DynamoDB transaction: it would be written down by halves.
    with dynamodb._lock:
        pid = os.fork()
        if pid == 0:
            _write_and_exit(save_list)
    _child["pid"] = pid
    while time.monotonic() - started < CHILD_SECONDS:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            _child["pid"] = 0
            if status and not _stop.is_set():
                logger.warning("the state could not be written down (status %s)", status)
            return time.monotonic() - started
        time.sleep(0.02)
    _end_child()
    return time.monotonic() - started


def _write_and_exit(save_list):
    """In the child: every file beside the last ones first, then all of them at once in their place."""
    code = 1
    try:
        logging.disable(logging.CRITICAL)
        dynamodb._lock = threading.Lock()
        target = persistence.STATE_DIR
        persistence.STATE_DIR = os.path.join(target, "next")
        os.makedirs(persistence.STATE_DIR, exist_ok=True)
        persistence.save_all(save_list())
        for name in os.listdir(persistence.STATE_DIR):
            os.replace(os.path.join(persistence.STATE_DIR, name), os.path.join(target, name))
        code = 0
    finally:
        os._exit(code)


def _end_child():
    pid = _child["pid"]
    if pid:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        _child["pid"] = 0


# --- layers ------------------------------------------------------------------------------------------------


def _keep_layers_in_files():
    """Layers' archives go to files of their own as code does; inside the JSON 40 MB would be written each time."""
    get_state = original(lambda_svc, "get_state")
    restore = original(lambda_svc, "_restore_state")

    def get_state_without_archives():
        state = get_state()
        for version in _layer_versions(state["layers"]):
            archive = version.get("_zip_data")
            if isinstance(archive, bytes):
                version["_zip_data"] = {"layer": _write_layer(archive, version["Content"]["CodeSha256"])}
        return state

    def restore_with_archives(data):
        for version in _layer_versions((data or {}).get("layers") or {}):
            reference = version.get("_zip_data")
            if isinstance(reference, dict):
                version["_zip_data"] = _read_layer(reference["layer"])
        restore(data)

    replace(lambda_svc, "get_state", get_state_without_archives)
    replace(lambda_svc, "_restore_state", restore_with_archives)


def _layer_versions(layers):
    stored = getattr(layers, "_data", layers)
    return [version for layer in stored.values() for version in layer.get("versions") or []]


def _layer_file(name):
    return os.path.join(os.environ["STATE_DIR"], "layers", name)


def _write_layer(archive, digest):
    name = digest.replace("/", "_").replace("=", "") + ".zip"
    file = _layer_file(name)
    if not os.path.exists(file):
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file + ".tmp", "wb") as target:
            target.write(archive)
        os.replace(file + ".tmp", file)
    return name


def _read_layer(name):
    with open(_layer_file(name), "rb") as source:
        return source.read()
