"""Starts the emulator with everything that it lacks for Perennial put in place.

Each patch is a module of its own beside this file and says what AWS does; product code knows none of them.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import alias_weights
import function_execution
import log_delivery
import platform_logs
import single_port
from patching import PatchError

PATCHES = (single_port, alias_weights, function_execution, platform_logs, log_delivery)


def main():
    try:
        for patch in PATCHES:
            patch.install()
    except PatchError as error:
        sys.exit(f"local cloud: {error}")
    from ministack.app import main as run_emulator

    run_emulator()


main()
