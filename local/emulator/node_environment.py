"""Execution environments of Node functions: one process each, started and ended as Lambda does.

Compared with the emulator's own worker: error types survive, a crash is told from a failure, INIT has its own
time limit, the host's environment stays out, and output is read to its last line without waiting.
"""

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid

import environment_files
import function_output
from ministack.core import lambda_runtime

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: INIT has 10 s, then INVOKE
# starts INIT again under the function's own timeout. Here it goes on instead of starting anew.
INIT_SECONDS = 10
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: synchronous answers of 6 MB.
MAX_ANSWER_BYTES = 6_291_556

# Lambda starts each environment on a machine of its own. Here they share a few cores: a burst of starts all at
# once would make every one of them, and the emulator that they call, too slow for its time limit.
MAX_STARTS_AT_ONCE = max(2, os.cpu_count() or 2)
# An environment that hangs in INIT must not hold the others up.
MAX_TURN_SECONDS = 5

_turns = threading.BoundedSemaphore(MAX_STARTS_AT_ONCE)
_here = os.path.dirname(os.path.abspath(__file__))
_passed_on = ("PATH", "LANG", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "AWS_CA_BUNDLE")


class Failure(Exception):
    """The environment cannot answer: what Lambda would report, and whether it ends with this."""

    def __init__(self, status, error_type, message, trace=None):
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message
        self.trace = trace or []


class NodeEnvironment(lambda_runtime.Worker):
    """A drop-in for the emulator's worker; `invoke` says more than the emulator asks for."""

    def __init__(self, func_name, config, code_zip):
        super().__init__(func_name, config, code_zip)
        self._channel = None
        self._answers = queue.Queue()
        self._output = None
        self._log_stream = ""

    # --- start ---------------------------------------------------------------------------------------------

    def _spawn(self):
        self._log_stream = function_output.log_stream_name(self.config, uuid.uuid4().hex)
        self._tmpdir = tempfile.mkdtemp(prefix=f"{self.func_name[-40:]}-")
        ours, theirs = socket.socketpair()
        self._answers = queue.Queue()
        try:
            self._proc = subprocess.Popen(
                _node_command(self.config),
                cwd=environment_files.unpack(self.code_zip),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**self._variables(), "_PERENNIAL_CHANNEL": str(theirs.fileno())},
                pass_fds=[theirs.fileno()],
            )
        finally:
            theirs.close()
        self._channel = ours
        answers = ours.makefile("r", encoding="utf-8")
        threading.Thread(target=self._read_answers, args=(answers, self._answers), daemon=True).start()
        self._output = function_output.Output(self._proc.stdout)

    def _variables(self):
        config = self.config
        own = (config.get("Environment") or {}).get("Variables") or {}
        account, region = lambda_runtime._account_region_from_function_config(config)
        variables = {name: os.environ[name] for name in _passed_on if name in os.environ}
        variables.update(own)
        variables.update(lambda_runtime.execution_credentials(config))
        variables.update(
            AWS_ENDPOINT_URL=own.get("AWS_ENDPOINT_URL", os.environ["AWS_ENDPOINT_URL"]),
            AWS_REGION=region,
            AWS_DEFAULT_REGION=region,
            AWS_EXECUTION_ENV=f"AWS_Lambda_{config.get('Runtime', '')}",
            AWS_EC2_METADATA_DISABLED="true",
            AWS_LAMBDA_FUNCTION_NAME=config.get("FunctionName", ""),
            AWS_LAMBDA_FUNCTION_VERSION=config.get("Version", "$LATEST"),
            AWS_LAMBDA_FUNCTION_MEMORY_SIZE=str(config.get("MemorySize", 128)),
            AWS_LAMBDA_INITIALIZATION_TYPE="on-demand",
            AWS_LAMBDA_LOG_GROUP_NAME=function_output.log_group_name(config),
            AWS_LAMBDA_LOG_STREAM_NAME=self._log_stream,
            AWS_LAMBDA_LOG_FORMAT=function_output.log_format(config),
            AWS_LAMBDA_LOG_LEVEL=(config.get("LoggingConfig") or {}).get("ApplicationLogLevel") or "INFO",
            _HANDLER=config.get("Handler", "index.handler"),
            LAMBDA_TASK_ROOT=environment_files.unpack(self.code_zip),
            NODE_PATH=os.pathsep.join([*self._layer_modules(), os.environ.get("PERENNIAL_NODE_PATH", "")]),
            TMPDIR=self._tmpdir,
            # Settings of the user's own (~/.aws) must not reach a function.
            HOME=self._tmpdir,
            TZ=":UTC",
        )
        return variables

    def _layer_modules(self):
        from ministack.services import lambda_svc

        for attachment in self.config.get("Layers") or []:
            archive = lambda_svc._resolve_layer_zip(attachment)
            if archive:
                yield os.path.join(environment_files.unpack(archive), "nodejs", "node_modules")

    # --- invoke --------------------------------------------------------------------------------------------

    def invoke(self, event, request_id, *, trace_id=None, depth=None, durable=None, invoked_function_arn=None):
        with self._lock:
            report = {"initMs": None, "initFailure": None, "startedAtMs": function_output.now_ms()}
            started = time.monotonic()
            try:
                if self._proc is None or self._proc.poll() is not None:
                    self._initialize(report)
                    report["startedAtMs"] = function_output.now_ms()
                    started = time.monotonic()
                answer = self._ask(event, request_id, trace_id, invoked_function_arn)
            except Failure as failure:
                answer = {"failure": failure, "ends": True}
            report["durationMs"] = (time.monotonic() - started) * 1000
            if answer.get("ends"):
                self._end_process()
            report["logStream"] = self._log_stream
            report["lines"] = self._output.drain(answer.get("marker")) if self._output else []
            return {**answer, "report": report}

    def _initialize(self, report):
        self._end_process()
        self._discard_tmpdir()
        has_turn = _turns.acquire(timeout=MAX_TURN_SECONDS)
        started = time.monotonic()
        try:
            self._spawn()
            message = self._wait(INIT_SECONDS + self._timeout(), None)
            if message["status"] != "ready":
                raise Failure("error", message["errorType"], message["errorMessage"], message.get("trace"))
        except Failure as failure:
            report["initFailure"] = failure
            raise
        finally:
            if has_turn:
                _turns.release()
            report["initMs"] = (time.monotonic() - started) * 1000
            report["startedAtMs"] += int(report["initMs"])

    def _ask(self, event, request_id, trace_id, function_arn):
        invocation = {
            "event": event,
            "requestId": request_id,
            "traceId": trace_id,
            "functionArn": function_arn or self.config.get("FunctionArn", ""),
            "timeoutMs": self._timeout() * 1000,
        }
        try:
            self._channel.sendall((json.dumps(invocation) + "\n").encode())
        except OSError:
            pass  # The process has ended: waiting for its answer says how.
        answer = self._wait(self._timeout(), request_id)
        if answer["status"] == "error":
            failure = Failure("error", answer["errorType"], answer["errorMessage"], answer.get("trace"))
            return {**answer, "failure": failure}
        if len(answer["payload"].encode()) > MAX_ANSWER_BYTES:
            text = f"Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes)."
            return {**answer, "failure": Failure("error", "Function.ResponseSizeTooLarge", text)}
        return {**answer, "failure": None, "result": json.loads(answer["payload"])}

    def _timeout(self):
        return float(self.config.get("Timeout", 3))

    def _wait(self, seconds, request_id):
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failure("timeout", "Sandbox.Timedout", f"Task timed out after {self._timeout():.2f} seconds") from None
            if message is None:
                raise self._exit_failure()
            if request_id is None or message.get("requestId") == request_id:
                return message

    def _exit_failure(self):
        try:
            code = self._proc.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = None
        if code is not None and code < 0:
            # Node aborts itself when its heap is full; Lambda's supervisor kills with SIGKILL.
            name = signal.Signals(-code).name
            if name in ("SIGABRT", "SIGKILL"):
                return Failure("error", "Runtime.OutOfMemory", f"Runtime exited with error: signal: {name}")
            return Failure("error", "Runtime.ExitError", f"Runtime exited with error: signal: {name}")
        reason = f"with error: exit status {code}" if code else "without providing a reason"
        return Failure("error", "Runtime.ExitError", f"Runtime exited {reason}")

    @staticmethod
    def _read_answers(stream, answers):
        try:
            for line in stream:
                answers.put(json.loads(line))
        except (OSError, ValueError):
            pass
        answers.put(None)

    # --- end -----------------------------------------------------------------------------------------------

    def _end_process(self):
        process, self._proc = self._proc, None
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
        if process is not None:
            process.kill()
            process.wait()

    def _discard_tmpdir(self):
        if self._tmpdir:
            shutil.rmtree(self._tmpdir, ignore_errors=True)


def _node_command(config):
    # Lambda sets the heap from the function's memory likewise, so that a leak ends in OutOfMemory here too.
    heap = max(64, int(config.get("MemorySize", 128) * 0.9))
    return ["node", f"--max-old-space-size={heap}", os.path.join(_here, "node_runtime.cjs")]
