"""Starts the emulator with everything that it lacks for Perennial put in place.

Each patch is a module of its own beside this file and says what AWS does; product code knows none of them.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import access_log
import alias_weights
import asynchronous_calls
import durable_state
import event_bus_policy
import function_execution
import function_settings
import iam_requests
import large_objects
import log_delivery
import object_lock
import platform_logs
import policy_conditions
import service_permissions
import single_port
import stream_delivery
from patching import PatchError

PATCHES = (
    single_port,
    alias_weights,
    function_execution,
    function_settings,
    platform_logs,
    log_delivery,
    large_objects,
    object_lock,
    stream_delivery,
    asynchronous_calls,
    service_permissions,
    event_bus_policy,
    policy_conditions,
    iam_requests,
    access_log,
    durable_state,
)


def main():
    try:
        for patch in PATCHES:
            patch.install()
    except PatchError as error:
        sys.exit(f"local cloud: {error}")
    from ministack.app import main as run_emulator

    run_emulator()


main()
