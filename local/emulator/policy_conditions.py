"""Conditions of policies: the caller's role, and variables.

The emulator compares `aws:PrincipalArn` with the session's ARN, while AWS gives the role's, and it takes
`${aws:PrincipalTag/team, 'nobody'}` as plain text
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
"""

import re

from ministack.core import iam_evaluator
from patching import original, replace

SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+")
VARIABLE = re.compile(r"\$\{([^,}]+?)(?:,\s*'([^']*)')?\}")


def install():
    resolve_key = original(iam_evaluator, "_resolve_condition_key")
    conditions_met = original(iam_evaluator, "_conditions_met")

    def resolve(key, context):
        value = resolve_key(key, context)
        session = SESSION.fullmatch(value) if key.lower() == "aws:principalarn" else None
        return f"arn:aws:iam::{session[1]}:role/{session[2]}" if session else value

    def met(conditions, context):
        return conditions_met(fill_in(conditions, lambda name: resolve(name, context)), context)

    replace(iam_evaluator, "_resolve_condition_key", resolve)
    replace(iam_evaluator, "_conditions_met", met)


def fill_in(value, resolve):
    """The condition with its variables replaced; one that has neither value nor default matches nothing."""
    if isinstance(value, dict):
        return {key: fill_in(inner, resolve) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill_in(inner, resolve) for inner in value]
    if not isinstance(value, str):
        return value
    return VARIABLE.sub(lambda match: str(resolve(match[1]) or match[2] or match[0]), value)
