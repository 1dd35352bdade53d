"""Honours an alias's RoutingConfig, which the emulator stores and ignores."""

import contextvars
import random

from ministack.services import lambda_svc
from patching import original, replace

# Reading a function's configuration through an alias names the alias's own version, never a drawn one.
_is_reading = contextvars.ContextVar("perennial_is_reading", default=False)


def draw_version(func, qualifier):
    """The version that one call of a function's alias goes to; other qualifiers stay as they are."""
    alias = ((func or {}).get("aliases") or {}).get(qualifier)
    if alias is None or _is_reading.get():
        return qualifier
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    point = random.random()
    for version, weight in weights.items():
        point -= weight
        if point < 0:
            return version
    return alias.get("FunctionVersion", "$LATEST")


def install():
    resolve = original(lambda_svc, "_effective_func_record_for_qualifier")
    invoke = original(lambda_svc, "_invoke")

    def resolve_by_weight(func, qualifier):
        return resolve(func, draw_version(func, qualifier))

    async def invoke_by_weight(name, event, headers, path_qualifier=None, query_params=None):
        asked = path_qualifier or lambda_svc._qp_first(query_params or {}, "Qualifier")
        drawn = draw_version(lambda_svc._functions.get(name), asked)
        return await invoke(name, event, headers, drawn or path_qualifier, query_params)

    replace(lambda_svc, "_effective_func_record_for_qualifier", resolve_by_weight)
    replace(lambda_svc, "_invoke", invoke_by_weight)
    for reader in ("_get_function", "_get_function_config"):
        replace(lambda_svc, reader, _reading(original(lambda_svc, reader)))


def _reading(reader):
    def read(*args, **kwargs):
        token = _is_reading.set(True)
        try:
            return reader(*args, **kwargs)
        finally:
            _is_reading.reset(token)

    return read
