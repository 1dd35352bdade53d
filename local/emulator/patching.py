"""Replaces a function of the emulator, and refuses to guess when the emulator no longer has it."""


class PatchError(Exception):
    """The pinned emulator does not have what a patch replaces: pin and patch must move together."""


def original(module, name):
    """The function that a patch wraps or replaces."""
    found = getattr(module, name, None)
    if found is None:
        raise PatchError(f"{module.__name__} has no '{name}': the emulator changed, look at local/emulator/")
    return found


def replace(module, name, replacement):
    """Puts `replacement` where `module` and everybody who looks the name up there will find it."""
    original(module, name)
    setattr(module, name, replacement)
