"""Keeps the emulator on its one port: run as root it would also take 443 for Cognito's issuer address."""

from ministack import app
from patching import replace


def install():
    replace(app, "_port_is_bindable", lambda host, port: False)
