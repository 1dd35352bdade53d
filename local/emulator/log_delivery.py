"""Delivers log events to Firehose, which the emulator stores a subscription for but never serves.

As on AWS each log stream's events travel in a gzip envelope of their own, and Firehose joins the envelopes of
its buffering interval into one object.
"""

import contextvars
import gzip
import json
import logging
import threading
import uuid

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import cloudwatch_logs, firehose
from patching import original, replace

logger = logging.getLogger("perennial")

# Firehose buffers for up to 60 s on AWS; a second keeps a laptop's loop short and still joins a burst.
FLUSH_SECONDS = 1.0
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html: a batch of 1 MiB,
# which with Firehose's own limit of 1,000 KiB a record keeps every envelope deliverable.
MAX_EVENTS = 2000

_lock = threading.Lock()
_pending = {}


def install():
    fan_out = original(cloudwatch_logs, "_fanout_to_subscription_filters")

    def fan_out_everywhere(group_name, stream_name, events):
        fan_out(group_name, stream_name, events)
        for subscription in _firehose_subscriptions(group_name):
            _buffer(subscription, group_name, stream_name, events)

    replace(cloudwatch_logs, "_fanout_to_subscription_filters", fan_out_everywhere)


def _firehose_subscriptions(group_name):
    group = cloudwatch_logs._log_groups.get(group_name) or {}
    subscriptions = (group.get("subscriptionFilters") or {}).values()
    return [it for it in subscriptions if ":deliverystream/" in it.get("destinationArn", "")]


def _buffer(subscription, group_name, stream_name, events):
    pattern = subscription.get("filterPattern", "")
    matches = cloudwatch_logs._subscription_pattern_matches
    matched = [event for event in events if matches(pattern, event.get("message", ""))]
    if not matched:
        return
    delivery_stream = subscription["destinationArn"].rpartition("/")[2]
    source = (get_account_id(), group_name, stream_name, subscription.get("filterName", ""))
    with _lock:
        is_first = delivery_stream not in _pending
        _pending.setdefault(delivery_stream, {}).setdefault(source, []).extend(matched)
    if is_first:
        # The flush runs later, but for the account and region of the request that logged.
        context = contextvars.copy_context()
        timer = threading.Timer(FLUSH_SECONDS, context.run, args=(flush, delivery_stream))
        timer.daemon = True
        timer.start()


def flush(delivery_stream):
    """Delivers what has come in for one delivery stream."""
    with _lock:
        sources = _pending.pop(delivery_stream, {})
    envelopes = b"".join(
        gzip.compress(json.dumps(_envelope(source, events[start : start + MAX_EVENTS])).encode())
        for source, events in sources.items()
        for start in range(0, len(events), MAX_EVENTS)
    )
    # Services talk to each other over TLS, which the queue behind the bucket insists on.
    iam_evaluator.pin_request_origin("127.0.0.1", True)
    stream = firehose._streams.get(delivery_stream)
    if stream is None:
        logger.warning("no delivery stream %s: its log events are lost", delivery_stream)
        return
    for destination in stream["destinations"]:
        if envelopes and destination["type"] in ("ExtendedS3", "S3"):
            firehose._deliver_records_to_s3(stream, destination, [(firehose._record_id(), envelopes)])


def _envelope(source, events):
    owner, group_name, stream_name, filter_name = source
    return {
        "messageType": "DATA_MESSAGE",
        "owner": owner,
        "logGroup": group_name,
        "logStream": stream_name,
        "subscriptionFilters": [filter_name],
        "logEvents": [{"id": uuid.uuid4().hex, **event} for event in events],
    }


def flush_all():
    """Delivers everything at once: the emulator is about to end."""
    for delivery_stream in list(_pending):
        flush(delivery_stream)
