"""Unpacks functions' code and layers once, as read-only folders shared by all their environments.

The emulator unpacks them again for every environment; a layer with onnxruntime has 46 MB.
"""

import hashlib
import os
import shutil
import tempfile
import threading
import zipfile

_root = os.path.join(os.environ.get("PERENNIAL_RUNTIME_DIR", tempfile.gettempdir()), "code")
_lock = threading.Lock()
_digests = {}


def unpack(archive: bytes) -> str:
    """The folder with the content of a zip archive."""
    folder = os.path.join(_root, _digest(archive))
    with _lock:
        if not os.path.isdir(folder):
            _unpack_into(archive, folder)
    return folder


def _digest(archive: bytes) -> str:
    # Archives live as long as their function; the identity of the bytes saves hashing megabytes per start.
    known = _digests.get(id(archive))
    if known is not None and known[0] is archive:
        return known[1]
    digest = hashlib.sha256(archive).hexdigest()
    _digests[id(archive)] = (archive, digest)
    return digest


def _unpack_into(archive: bytes, folder: str) -> None:
    os.makedirs(_root, exist_ok=True)
    staging = tempfile.mkdtemp(dir=_root)
    try:
        packed = os.path.join(staging, "archive.zip")
        content = os.path.join(staging, "content")
        with open(packed, "wb") as file:
            file.write(archive)
        with zipfile.ZipFile(packed) as opened:
            opened.extractall(content)
            _restore_modes(opened, content)
        os.rename(content, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _restore_modes(opened: zipfile.ZipFile, content: str) -> None:
    for entry in opened.infolist():
        mode = entry.external_attr >> 16
        if mode & 0o111 and not entry.is_dir():
            os.chmod(os.path.join(content, entry.filename), 0o755)
