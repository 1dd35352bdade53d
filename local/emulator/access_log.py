"""Writes HTTP APIs' access logs, and one request id for authorizer, function and log as API Gateway does.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

import contextvars
import re
import time
import uuid

import platform_logs
from ministack.services import apigateway
from patching import original, replace

_request = contextvars.ContextVar("perennial_api_request", default=None)
_variable = re.compile(r"\$context\.([A-Za-z][A-Za-z0-9_.]*)")


def install():
    new_id = original(apigateway, "new_uuid")
    execute = original(apigateway, "_handle_execute_in_scope")
    authorize = original(apigateway, "_authorize_request_v2")

    async def authorize_and_remember(api_id, stage, route, *args, **kwargs):
        error, context = await authorize(api_id, stage, route, *args, **kwargs)
        request = _request.get()
        if request is not None:
            request["authorizer"] = context or {}
        return error, context

    async def execute_and_log(api_id, stage, path, method, headers, body, *args, **kwargs):
        request = {"id": str(uuid.uuid4()), "authorizer": {}, "startedAt": time.time()}
        token = _request.set(request)
        try:
            status, answer_headers, answer = await execute(api_id, stage, path, method, headers, body, *args, **kwargs)
        finally:
            _request.reset(token)
        answer_headers["apigw-requestid"] = request["id"]
        settings = (apigateway._stages.get(api_id, {}).get(stage) or {}).get("accessLogSettings") or {}
        if settings.get("destinationArn") and settings.get("format"):
            facts = _facts(request, api_id, stage, path, method, headers, status, answer)
            _write(settings, facts)
        return status, answer_headers, answer

    replace(apigateway, "new_uuid", lambda: (_request.get() or {}).get("id") or new_id())
    replace(apigateway, "_authorize_request_v2", authorize_and_remember)
    replace(apigateway, "_handle_execute_in_scope", execute_and_log)


def _facts(request, api_id, stage, path, method, headers, status, answer):
    route = apigateway._match_route(api_id, method, "/" + path.lstrip("/")) or {}
    started, now = request["startedAt"], time.time()
    facts = {
        "requestId": request["id"],
        "extendedRequestId": request["id"],
        "apiId": api_id,
        "stage": stage,
        "accountId": apigateway.get_account_id(),
        "httpMethod": method,
        "path": path,
        "protocol": "HTTP/1.1",
        "routeKey": route.get("routeKey", "$default"),
        "status": status,
        "responseLength": len(answer or b""),
        "responseLatency": round((now - started) * 1000),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(started)),
        "requestTimeEpoch": int(started * 1000),
        "domainName": f"{api_id}.execute-api.localhost",
        "identity.sourceIp": "127.0.0.1",
        "identity.userAgent": headers.get("user-agent", ""),
    }
    return facts | {f"authorizer.{name}": value for name, value in request["authorizer"].items()}


def _write(settings, facts):
    # API Gateway writes a hyphen for what a request does not have, and no line break into a line.
    line = _variable.sub(lambda match: _text(facts.get(match[1])), settings["format"])
    group = settings["destinationArn"].partition(":log-group:")[2].removesuffix(":*")
    stream = time.strftime("%Y/%m/%d", time.gmtime()) + f"/{facts['apiId']}"
    platform_logs.write(group, stream, [(facts["requestTimeEpoch"], line)])


def _text(value):
    text = "-" if value is None or value == "" else str(value)
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
