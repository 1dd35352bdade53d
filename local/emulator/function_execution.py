"""Runs Node functions in environments of their own, and translates what happened as Lambda does."""

import threading
import time

import node_environment
from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc
from patching import original, replace

# The emulator calls executor and log writer one after the other on one thread, and passes no facts between.
_last = threading.local()


def take_report(request_id):
    """The facts about an invocation that just ended on this thread, once."""
    known = getattr(_last, "report", None)
    _last.report = None
    return known if known is not None and known["requestId"] == request_id else None


def install():
    class_for = original(lambda_runtime, "_worker_class_for")
    execute = original(lambda_svc, "_execute_function_warm")

    def worker_class_for(config):
        is_node = str(config.get("Runtime", "")).startswith("nodejs")
        return node_environment.NodeEnvironment if is_node else class_for(config)

    def execute_warm(func, event, request_id):
        config = func.get("config") or func
        if not str(config.get("Runtime", "")).startswith("nodejs") or not func.get("code_zip"):
            return execute(func, event, request_id)
        return _execute(func["code_zip"], config, event, request_id)

    replace(lambda_runtime, "_worker_class_for", worker_class_for)
    replace(lambda_runtime, "reap_idle_workers", reap_idle_workers)
    replace(lambda_svc, "_execute_function_warm", execute_warm)
    replace(lambda_svc, "lambda_execute_result_to_api_proxy_response", _proxy_response())


def _execute(code_zip, config, event, request_id):
    name, version = config.get("FunctionName", "unknown"), config.get("Version", "$LATEST")
    lambda_svc._ensure_reaper_thread()
    worker, _ = lambda_runtime.acquire_worker(name, config, code_zip, qualifier=version)
    try:
        answer = worker.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config.get("FunctionArn", ""),
        )
    except Exception:
        lambda_runtime.invalidate_worker(name, qualifier=version, account=get_account_id(), region=get_region())
        raise
    finally:
        lambda_runtime.release_worker(worker)
    _last.report = {
        **answer["report"],
        "requestId": request_id,
        "failure": answer["failure"],
        "maxMemoryMb": answer.get("maxMemoryMb"),
    }
    log = "\n".join(line for _, line in answer["report"]["lines"])
    if answer["failure"] is None:
        return {"body": answer["result"], "raw_payload": False, "log": log}
    return {"body": _error_body(answer["failure"], request_id), "error": True, "log": log}


def _error_body(failure, request_id):
    if failure.error_type.startswith(("Runtime.Exit", "Runtime.OutOf", "Sandbox.")):
        text = f"RequestId: {request_id} Error: {failure.message}"
        return {"errorType": failure.error_type, "errorMessage": text}
    return {"errorType": failure.error_type, "errorMessage": failure.message, "trace": failure.trace}


def reap_idle_workers(ttl=None):
    """Ends idle environments; the emulator keeps the first of each version for ever, 80 MB apiece."""
    limit = lambda_runtime._LOCAL_WORKER_TTL if ttl is None else ttl
    now = time.time()
    ended = []
    with lambda_runtime._lock:
        for key, workers in list(lambda_runtime._workers.items()):
            kept = [it for it in workers if it.in_use or now - it.last_used < limit]
            ended.extend(it for it in workers if it not in kept)
            lambda_runtime._workers[key] = kept
            if not kept:
                lambda_runtime._workers.pop(key)
    lambda_runtime.kill_workers(ended)
    return len(ended)


def _proxy_response():
    """HTTP APIs hide a function's failure: 500 with a fixed body; a throttled function is 503."""
    convert = original(lambda_svc, "lambda_execute_result_to_api_proxy_response")

    def convert_as_http_api(result):
        if result.get("throttle"):
            return _fixed(503, "Service Unavailable"), None
        if result.get("error"):
            return _fixed(500, "Internal Server Error"), None
        return convert(result)

    return convert_as_http_api


def _fixed(status, message):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": f'{{"message":"{message}"}}',
    }
