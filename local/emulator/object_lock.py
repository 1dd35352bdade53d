"""Object Lock of the buckets that CloudFormation makes.

The emulator enforces a lock that PutObjectLockConfiguration asked for, and overlooks the same properties of
`AWS::S3::Bucket`: write-once objects could be deleted
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html).
"""

from ministack.services import s3
from ministack.services.cloudformation import provisioners
from patching import original, replace


def install():
    locks = original(s3, "_bucket_object_lock")
    apply_configurations = original(provisioners, "_s3_apply_configurations")

    def apply_with_lock(name, props, *others):
        apply_configurations(name, props, *others)
        if str(props.get("ObjectLockEnabled")).lower() == "true":
            locks[name] = {"enabled": True, "default_retention": _default_retention(props)}

    replace(provisioners, "_s3_apply_configurations", apply_with_lock)


def _default_retention(props):
    rule = (props.get("ObjectLockConfiguration") or {}).get("Rule") or {}
    retention = rule.get("DefaultRetention")
    if not retention:
        return None
    spans = {unit: int(retention[unit]) for unit in ("Days", "Years") if retention.get(unit)}
    return {"Mode": retention["Mode"], **spans}
