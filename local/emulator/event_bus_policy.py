"""Event bus policies: made by CloudFormation, and enforced when somebody puts events.

The emulator keeps the policies that PutPermission writes and never reads them, knows no
`AWS::Events::EventBusPolicy`, and fills none of the condition keys of PutEvents
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html).
"""

import contextvars
import json

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners
from patching import original, replace

_entries = contextvars.ContextVar("perennial_event_entries", default=())


def install():
    _install_resource()
    _install_enforcement()


# --- AWS::Events::EventBusPolicy ---------------------------------------------------------------------------


def _install_resource():
    original(provisioners, "_RESOURCE_HANDLERS")["AWS::Events::EventBusPolicy"] = {
        "create": lambda logical_id, props, stack_name: _put(props),
        "update": _update,
        "delete": lambda physical_id, props: _remove(props),
    }


def _update(physical_id, old_props, new_props, stack_name):
    _remove(old_props)
    return _put(new_props)


def _put(props):
    bus, statement_id = _bus_name(props), props["StatementId"]
    if bus not in eventbridge._event_buses:
        raise ValueError(f"Event bus {bus} does not exist.")
    _remove(props)
    policy = eventbridge._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}
    policy["Statement"].append({**_statement(props, bus), "Sid": statement_id})
    eventbridge._event_bus_policies[bus] = policy
    return f"{bus}|{statement_id}", {}


def _statement(props, bus):
    if props.get("Statement"):
        return props["Statement"]
    condition = {"Condition": props["Condition"]} if props.get("Condition") else {}
    principal = props.get("Principal", "*")
    return {
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {"AWS": principal},
        "Action": props.get("Action", "events:PutEvents"),
        "Resource": _arn(bus),
        **condition,
    }


def _remove(props):
    eventbridge._remove_permission({"EventBusName": _bus_name(props), "StatementId": props["StatementId"]})


def _bus_name(props):
    return (props.get("EventBusName") or "default").rpartition("/")[2]


def _arn(bus):
    return f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}"


# --- events:PutEvents --------------------------------------------------------------------------------------


def _install_enforcement():
    enforce = original(iam_evaluator, "enforce")
    request_tags = original(iam_actions, "request_tag_context")
    original(iam_evaluator, "_RESOURCE_POLICY_LOOKUPS")["events"] = ("eventbridge", "bus_policy_for_arn")
    eventbridge.bus_policy_for_arn = bus_policy_for_arn

    def remember_entries(service, iam_action, body, params):
        if iam_action == "events:PutEvents":
            _entries.set(_read_entries(body))
        return request_tags(service, iam_action, body, params)

    def enforce_each_entry(access_key, iam_action, service, region, resource_arn="*", service_context=None):
        if iam_action != "events:PutEvents" or not _entries.get():
            return enforce(access_key, iam_action, service, region, resource_arn, service_context)
        for entry in _entries.get():
            keys = {"events:source": entry["source"], "events:detail-type": entry["detailType"]}
            context = {**(service_context or {}), **keys}
            denied = enforce(access_key, iam_action, service, region, entry["arn"], context)
            if denied:
                return denied
        return None

    replace(iam_actions, "request_tag_context", remember_entries)
    replace(iam_evaluator, "enforce", enforce_each_entry)


def bus_policy_for_arn(arn):
    """A bus's policy and its owner, in the shape the evaluator asks all services for."""
    policy = eventbridge._event_bus_policies.get(arn.rpartition("/")[2])
    return (policy, arn.split(":")[4]) if policy else None


def _read_entries(body):
    try:
        entries = json.loads(body or b"{}").get("Entries") or []
    except (ValueError, AttributeError):
        return ()
    return tuple(
        {
            "arn": _arn(str(entry.get("EventBusName") or "default").rpartition("/")[2]),
            "source": str(entry.get("Source", "")),
            "detailType": str(entry.get("DetailType", "")),
        }
        for entry in entries
        if isinstance(entry, dict)
    )
