"""Delivers DynamoDB streams to functions as Lambda's event source mappings do.

The emulator retries a failing batch for ever on the one thread that serves all mappings. Here each mapping has
a thread while it has work, and retry limit, bisection, partial answers and the failure destination are kept:
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import contextvars
import json
import logging
import threading
import time
import uuid

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import _request_account_id, _request_region
from ministack.services import dynamodb, firehose, lambda_svc
from patching import original, replace

logger = logging.getLogger("perennial")

# Lambda backs off up to a minute; a laptop's tests wait for seconds.
FIRST_BACKOFF_SECONDS = 0.2
MAX_BACKOFF_SECONDS = 2.0

_busy = set()
_busy_lock = threading.Lock()


class Stopped(Exception):
    """The mapping was disabled, changed or deleted while a batch failed: its position stays."""


def install():
    original(lambda_svc, "_poll_dynamodb_streams")
    replace(lambda_svc, "_poll_dynamodb_streams", poll)


def poll():
    """Starts a delivery for each idle mapping whose stream has something new; true when any was started."""
    started = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        tokens = _request_account_id.set(account), _request_region.set(region)
        try:
            started = _start_if_behind(mapping) or started
        finally:
            _request_account_id.reset(tokens[0])
            _request_region.reset(tokens[1])
    return started


def _start_if_behind(mapping):
    table = _table_of(mapping)
    if table is None or not mapping.get("Enabled", True) or not _claim(mapping["UUID"]):
        return False
    position = _position(mapping, table)
    records = dynamodb.stream_records_since(table, position, mapping.get("BatchSize", 100))
    if not records:
        _busy.discard(mapping["UUID"])
        return False
    context = contextvars.copy_context()
    args = (mapping, position, records)
    threading.Thread(target=context.run, args=(_deliver_and_release, *args), daemon=True).start()
    return True


def _claim(mapping_id):
    with _busy_lock:
        if mapping_id in _busy:
            return False
        _busy.add(mapping_id)
        return True


def _table_of(mapping):
    try:
        spec = parse_arn(mapping.get("EventSourceArn", ""))
    except ArnParseError:
        return None
    if spec.service != "dynamodb":
        return None
    found = lambda_svc._dynamodb_stream_table_from_arn_spec(spec)
    table = dynamodb._tables.get(found[0]) if found else None
    is_current = table is not None and table.get("LatestStreamArn") == mapping["EventSourceArn"]
    return found[0] if is_current else None


def _position(mapping, table):
    positions, horizon = lambda_svc._dynamodb_stream_positions, dynamodb.stream_start_position(table)
    with lambda_svc._dynamodb_stream_positions_lock:
        if mapping["UUID"] not in positions:
            is_latest = mapping.get("StartingPosition", "LATEST") != "TRIM_HORIZON"
            positions[mapping["UUID"]] = dynamodb.stream_end_position(table) if is_latest else horizon
        # After a restart the position may be ahead of a stream whose last records were not written down.
        end = dynamodb.stream_end_position(table)
        positions[mapping["UUID"]] = min(max(positions[mapping["UUID"]], horizon), end)
        return positions[mapping["UUID"]]


def _deliver_and_release(mapping, position, records):
    try:
        matching = lambda_svc._apply_filter_criteria(records, mapping)
        if matching:
            _deliver(mapping, matching)
        mapping["LastProcessingResult"] = f"OK - {len(matching)} records"
        with lambda_svc._dynamodb_stream_positions_lock:
            lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = position + len(records)
    except Stopped:
        pass
    except Exception:
        logger.exception("stream delivery to %s failed; it will be tried again", mapping.get("FunctionName"))
        time.sleep(1)
    finally:
        _busy.discard(mapping["UUID"])
        lambda_svc._esm_wake.set()


def _deliver(mapping, records):
    """Hands a batch over until the function has taken all of it, or its retries or its age are used up."""
    attempts = 0
    while True:
        result, function = _invoke(mapping, records)
        first_failed = _first_failed(mapping, result, records)
        if first_failed is None:
            return
        if first_failed > 0:
            records, attempts = records[first_failed:], 0
        mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
        if _is_too_old(mapping, records):
            return _give_up(mapping, function, records, result, "MaximumRecordAgeExceeded", attempts + 1)
        if mapping.get("BisectBatchOnFunctionError") and len(records) > 1:
            # A split does not use up a retry.
            middle = len(records) // 2
            _deliver(mapping, records[:middle])
            return _deliver(mapping, records[middle:])
        attempts += 1
        limit = mapping.get("MaximumRetryAttempts", -1)
        if limit is not None and 0 <= limit < attempts:
            return _give_up(mapping, function, records, result, "RetryAttemptsExhausted", attempts)
        time.sleep(min(MAX_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**attempts))


def _invoke(mapping, records):
    current = lambda_svc._esms.get(mapping["UUID"])
    if current is None or not current.get("Enabled", True):
        raise Stopped
    name, qualifier = mapping["FunctionName"], mapping.get("Qualifier")
    function, _ = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    if function is None:
        raise Stopped
    return lambda_svc._execute_function(function, {"Records": records}), function


def _first_failed(mapping, result, records):
    """Index of the first record that was not taken; None when all were."""
    if result.get("error") or result.get("throttle"):
        return 0
    body = result.get("body")
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []) or not isinstance(body, dict):
        return None
    reported = {it.get("itemIdentifier") for it in body.get("batchItemFailures") or []}
    if not reported:
        return None
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    # An identifier that is not in the batch makes Lambda repeat all of it.
    known = [index for index, number in enumerate(numbers) if number in reported]
    return min(known) if len(known) == len(reported) else 0


def _is_too_old(mapping, records):
    limit = mapping.get("MaximumRecordAgeInSeconds") or -1
    created = float(records[0]["dynamodb"].get("ApproximateCreationDateTime", time.time()))
    return limit > 0 and time.time() - created > limit


def _give_up(mapping, function, records, result, condition, attempts):
    destination = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", "")
    if not destination.startswith("arn:aws:s3:::"):
        lambda_svc._send_ddb_stream_failure_record(
            mapping, function, records, mapping["EventSourceArn"], result, condition
        )
        return
    now = time.gmtime()
    document = json.dumps(_invocation_record(mapping, function, records, condition, attempts))
    # https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html#services-dynamodb-s3-destination
    key = "aws/lambda/{}/{}/{}-{}".format(
        mapping["UUID"],
        SHARD,
        time.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S", now),
        uuid.uuid4(),
    )
    firehose._put_s3_object(destination.removeprefix("arn:aws:s3:::"), key, document.encode())


# The emulator's streams have one shard.
SHARD = "shardId-00000000000000000000-00000000"


def _invocation_record(mapping, function, records, condition, attempts):
    first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
    config = function.get("config") or function
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": config.get("FunctionArn", ""),
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": config.get("Version", "$LATEST"),
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": _iso(time.time()),
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _iso(first["ApproximateCreationDateTime"]),
            "approximateArrivalOfLastRecord": _iso(last["ApproximateCreationDateTime"]),
            "batchSize": len(records),
            "streamArn": mapping["EventSourceArn"],
        },
        "payload": json.dumps({"Records": records}),
    }


def _iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(float(seconds)))
