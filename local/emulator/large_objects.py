"""Large objects of S3 on disk instead of in memory, so that models of some gigabytes fit on a laptop.

The emulator keeps each part of an upload and each version of an object in memory, and reads a whole object from
disk to answer a range of it: a client that fetches 5 GB in ranges would have it read that fifty times.
"""

import mmap
import tempfile
from contextvars import ContextVar

from ministack.services import s3
from patching import original, replace

# Smaller ones are most, and are gone soon.
LARGE_BYTES = 1024 * 1024

_range_is_asked_for = ContextVar("range_is_asked_for", default=False)


def install():
    uploads = original(s3, "_multipart_uploads")
    upload_part = original(s3, "_upload_part")
    version_entry = original(s3, "_version_entry_from_record")
    get_object = original(s3, "_get_object")
    read_body = original(s3, "_read_body")

    def upload_part_to_disk(bucket_name, key, body, query_params, headers):
        answer = upload_part(bucket_name, key, body, query_params, headers)
        if answer[0] == 200 and len(body) >= LARGE_BYTES:
            upload = uploads[s3._qp(query_params, "uploadId")]
            upload["parts"][int(s3._qp(query_params, "partNumber"))]["body"] = _spill(body)
        return answer

    def version_entry_without_data(record, version_id, data):
        # Read from the object's file, as after a restart.
        on_disk = s3.S3_PERSIST and data is not None and len(data) >= LARGE_BYTES
        return version_entry(record, version_id, None if on_disk else data)

    def get_object_by_range(bucket_name, key, headers, query_params=None):
        token = _range_is_asked_for.set(bool(headers.get("range")))
        try:
            return get_object(bucket_name, key, headers, query_params)
        finally:
            _range_is_asked_for.reset(token)

    def read_body_of_range(bucket_name, key, record):
        on_disk = record.get("body") is None and record.get("size", 0) >= LARGE_BYTES
        path = s3._object_disk_path(bucket_name, key) if on_disk and _range_is_asked_for.get() else None
        return read_body(bucket_name, key, record) if path is None else _map(path)

    replace(s3, "_upload_part", upload_part_to_disk)
    replace(s3, "_version_entry_from_record", version_entry_without_data)
    replace(s3, "_get_object", get_object_by_range)
    replace(s3, "_read_body", read_body_of_range)


def _spill(body):
    """The bytes in a file without a name, which goes when nobody reads it any more."""
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _map(path):
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
