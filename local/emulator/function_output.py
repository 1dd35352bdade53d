"""What a function writes to stdout and stderr, and where its lines belong.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
"""

import queue
import threading
import time

# node_runtime.cjs ends the output of each invocation with this and the number of its answer.
MARKER = "\x1e"
# The marker comes before the answer; a function that closed its own stdout never sends it.
MARKER_SECONDS = 1.0
END = None


class Output:
    """Reads a process's output as it comes, and gives it out by invocation."""

    def __init__(self, stream):
        self._items = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream):
        for line in stream:
            self._items.put((now_ms(), line.decode("utf-8", "replace").rstrip("\n")))
        self._items.put(END)

    def drain(self, marker):
        """The lines, with their times, up to a marker; up to the process's end when there is none."""
        lines = []
        deadline = time.monotonic() + MARKER_SECONDS
        while True:
            try:
                item = self._items.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return lines
            if item is END:
                return lines
            timestamp, line = item
            text, _, seen = line.partition(MARKER)
            if text:
                lines.append((timestamp, text))
            if seen and seen == str(marker):
                return lines


def now_ms():
    return int(time.time() * 1000)


def log_format(config):
    return (config.get("LoggingConfig") or {}).get("LogFormat") or "Text"


def log_group_name(config):
    own = (config.get("LoggingConfig") or {}).get("LogGroup")
    return own or f"/aws/lambda/{config.get('FunctionName', 'unknown')}"


def log_stream_name(config, environment_id):
    name = config.get("FunctionName", "")
    # In a group of its own a function's streams need no name.
    owner = "" if log_group_name(config) == f"/aws/lambda/{name}" else name
    day = time.strftime("%Y/%m/%d", time.gmtime())
    return f"{day}/{owner}[{config.get('Version', '$LATEST')}]{environment_id}"
