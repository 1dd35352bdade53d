"""Failed and throttled calls as callers see them: asynchronous ones are repeated, workflows get the right error.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import contextvars
import json
import threading
import time

from ministack.services import eventbridge, lambda_svc, stepfunctions
from patching import original, replace

# Lambda waits a minute, then two; a laptop's tests wait for seconds.
RETRY_SECONDS = (1, 2)
THROTTLED_SECONDS = 0.5
# Throttled events are repeated for six hours on AWS unless the function says less.
MAX_AGE_SECONDS = 6 * 3600

_callback = contextvars.ContextVar("perennial_callback_token", default=None)


def install():
    original(lambda_svc, "invoke_async_with_retry")
    replace(lambda_svc, "invoke_async_with_retry", invoke_asynchronously)
    original(eventbridge, "_dispatch_to_lambda")
    replace(eventbridge, "_dispatch_to_lambda", _dispatch_to_lambda)
    _install_callbacks()


def invoke_asynchronously(func, event):
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_invoke_until_done, func, event), daemon=True).start()


def _invoke_until_done(func, event):
    config = func.get("config") or func
    settings = _settings(config)
    retries = settings.get("MaximumRetryAttempts", len(RETRY_SECONDS))
    deadline = time.monotonic() + settings.get("MaximumEventAgeInSeconds", MAX_AGE_SECONDS)
    failures = 0
    while True:
        result = lambda_svc._execute_function_with_config_scope(func, event)
        if not result.get("error"):
            return
        is_throttled = bool(result.get("throttle"))
        failures += 0 if is_throttled else 1
        wait = THROTTLED_SECONDS if is_throttled else RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]
        if failures > retries or time.monotonic() + wait > deadline:
            break
        time.sleep(wait)
    destination = ((settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    target = destination or (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if target:
        lambda_svc._route_async_failure(target, config.get("FunctionName", ""), event, result)


def _settings(config):
    """The function's asynchronous settings; a version's record has none of its own."""
    function = lambda_svc._functions.get(config.get("FunctionName", "")) or {}
    return function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST") or {}


def _dispatch_to_lambda(arn, payload):
    func, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if func is not None and config is not None:
        invoke_asynchronously(lambda_svc._execution_record_for_config(func, config), json.loads(payload))


def _install_callbacks():
    """A throttled function and one that fails before its callback are errors of the task, not silence."""
    call_lambda = original(stepfunctions, "_call_lambda")
    invoke_with_callback = original(stepfunctions, "_invoke_with_callback")

    def call_and_tell(function, event):
        try:
            return call_lambda(function, event)
        except stepfunctions._ExecutionError as error:
            told = _as_throttle(error)
            waiting = stepfunctions._task_tokens.get(_callback.get())
            if waiting is not None:
                waiting["error"] = {"Error": told.error, "Cause": told.cause}
                waiting["event"].set()
            raise told from error

    def invoke_with_callback_told(resource, input_data, token, state):
        reset = _callback.set(token)
        try:
            return invoke_with_callback(resource, input_data, token, state)
        finally:
            _callback.reset(reset)

    replace(stepfunctions, "_call_lambda", call_and_tell)
    replace(stepfunctions, "_invoke_with_callback", invoke_with_callback_told)


def _as_throttle(error):
    if "TooManyRequestsException" in (error.cause or ""):
        return stepfunctions._ExecutionError("Lambda.TooManyRequestsException", error.cause)
    return error
