"""Writes functions' logs as Lambda does: platform events, streams named by environment, JSON when asked for.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

import json
import math
import time
from datetime import datetime, timezone

import function_execution
import function_output
from ministack.services import cloudwatch_logs, lambda_svc
from patching import original, replace

# The emulator keeps all events in memory and writes them down each time; nobody reads further back.
MAX_STREAM_EVENTS = 10_000


def install():
    emit = original(lambda_svc, "_emit_lambda_logs")

    def emit_logs(func, request_id, log_text, error, duration_ms, *, log_source=None):
        report = function_execution.take_report(request_id)
        if report is None:
            return emit(func, request_id, log_text, error, duration_ms, log_source=log_source)
        config = func.get("config") or func
        is_json = function_output.log_format(config).upper() == "JSON"
        events = _json_events(config, report) if is_json else _text_events(config, report)
        write(function_output.log_group_name(config), report["logStream"], events)

    replace(lambda_svc, "_emit_lambda_logs", emit_logs)


def _json_events(config, report):
    version = config.get("Version", "$LATEST")
    started = report["startedAtMs"]
    ended = started + math.ceil(report["durationMs"])
    events = []
    if report["initMs"] is not None:
        initialized = started - int(report["initMs"])
        events.append(_platform(initialized, "initStart", _init_start(config, version)))
        if report["initFailure"] is not None:
            events.append(_platform(started, "initReport", _init_report(report)))
    events.append(_platform(started, "start", {"requestId": report["requestId"], "version": version}))
    events.extend(report["lines"])
    if report["failure"] is not None:
        events.append(_platform(ended, "runtimeDone", _outcome(report)))
    events.append(_platform(ended, "report", {**_outcome(report), "metrics": _metrics(config, report)}))
    return events


def _init_start(config, version):
    return {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": config.get("Runtime", ""),
        "functionName": config.get("FunctionName", ""),
        "functionVersion": version,
    }


def _init_report(report):
    failure = report["initFailure"]
    return {
        "initializationType": "on-demand",
        "phase": "init",
        "status": failure.status,
        "errorType": failure.error_type,
        "metrics": {"durationMs": round(report["initMs"], 3)},
    }


def _outcome(report):
    failure = report["failure"]
    if failure is None:
        return {"requestId": report["requestId"], "status": "success"}
    return {"requestId": report["requestId"], "status": failure.status, "errorType": failure.error_type}


def _metrics(config, report):
    metrics = {
        "durationMs": round(report["durationMs"], 3),
        "billedDurationMs": math.ceil(report["durationMs"]),
        "memorySizeMB": config.get("MemorySize", 128),
        "maxMemoryUsedMB": round(report.get("maxMemoryMb") or 0),
    }
    if report["initMs"] is not None:
        metrics["initDurationMs"] = round(report["initMs"], 3)
    return metrics


def _platform(timestamp, name, record):
    at = datetime.fromtimestamp(timestamp / 1000, timezone.utc)
    text = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
    event = {"time": text, "type": f"platform.{name}", "record": record}
    return timestamp, json.dumps(event, separators=(",", ":"))


def _text_events(config, report):
    version, request_id = config.get("Version", "$LATEST"), report["requestId"]
    started = report["startedAtMs"]
    ended = started + math.ceil(report["durationMs"])
    metrics = _metrics(config, report)
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {metrics['durationMs']} ms",
        f"Billed Duration: {metrics['billedDurationMs']} ms",
        f"Memory Size: {metrics['memorySizeMB']} MB",
        f"Max Memory Used: {metrics['maxMemoryUsedMB']} MB",
    ]
    if report["failure"] is not None:
        fields += [f"Status: {report['failure'].status}", f"Error Type: {report['failure'].error_type}"]
    return [
        (started, f"START RequestId: {request_id} Version: {version}"),
        *report["lines"],
        (ended, f"END RequestId: {request_id}"),
        (ended, "\t".join(fields)),
    ]


def write(group_name, stream_name, lines):
    groups, now = cloudwatch_logs._log_groups, int(time.time() * 1000)
    if group_name not in groups:
        cloudwatch_logs._create_log_group({"logGroupName": group_name})
    streams = groups[group_name]["streams"]
    stream = streams.setdefault(stream_name, _new_stream(now))
    events = [{"timestamp": timestamp, "message": line} for timestamp, line in lines]
    cloudwatch_logs._append_log_events(stream, [{**event, "ingestionTime": now} for event in events])
    if len(stream["events"]) > MAX_STREAM_EVENTS:
        del stream["events"][: MAX_STREAM_EVENTS // 2]
    cloudwatch_logs._fanout_to_subscription_filters(group_name, stream_name, events)


def _new_stream(now):
    return {
        "events": [],
        "uploadSequenceToken": "1",
        "creationTime": now,
        "firstEventTimestamp": None,
        "lastEventTimestamp": None,
        "lastIngestionTime": None,
    }
