"""Lets services act only as far as roles and function policies allow: a forgotten grant fails here, too.

The emulator checks what SDK clients ask for, but not what API Gateway, EventBridge and Step Functions do on
somebody's behalf.
"""

import contextvars
import logging

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway, eventbridge, iam, lambda_svc, stepfunctions
from patching import original, replace

logger = logging.getLogger("perennial")

_rule_arn = contextvars.ContextVar("perennial_rule_arn", default="")
_role_arn = contextvars.ContextVar("perennial_state_machine_role", default="")


def install():
    _guard_http_apis()
    _guard_rules()
    _guard_state_machines()


# --- functions' own policies -------------------------------------------------------------------------------


def _guard_http_apis():
    invoke = original(apigateway, "_invoke_lambda_proxy")
    authorize = original(apigateway, "_invoke_request_authorizer_lambda")
    read_reference = original(apigateway, "_extract_lambda_ref_from_integration_uri")

    async def invoke_if_allowed(integration, api_id, stage, path, method, headers, body, query, route_key="$default", *args, **kwargs):
        resource = route_key.partition(" ")[2] or f"/{route_key}"
        source = f"{_execute_api(api_id)}/{stage}/{method}{resource}"
        if not _may_invoke(read_reference(integration.get("integrationUri", "")), "apigateway", source):
            return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'
        return await invoke(integration, api_id, stage, path, method, headers, body, query, route_key, *args, **kwargs)

    async def authorize_if_allowed(authorizer, event, account_id, region):
        api_id = event["requestContext"]["apiId"]
        source = f"{_execute_api(api_id)}/authorizers/{authorizer.get('authorizerId', '')}"
        if not _may_invoke(read_reference(authorizer.get("authorizerUri", "")), "apigateway", source):
            return None
        return await authorize(authorizer, event, account_id, region)

    replace(apigateway, "_invoke_lambda_proxy", invoke_if_allowed)
    replace(apigateway, "_invoke_request_authorizer_lambda", authorize_if_allowed)


def _execute_api(api_id):
    return f"arn:aws:execute-api:{get_region()}:{get_account_id()}:{api_id}"


def _guard_rules():
    invoke_target = original(eventbridge, "_invoke_target")
    dispatch = original(eventbridge, "_dispatch_to_lambda")

    def invoke_target_of_rule(target, event, rule, *args, **kwargs):
        action = _action_of_role(target, rule)
        if action and not _role_allows(target.get("RoleArn", ""), action, target["Arn"]):
            logger.warning("%s may not %s %s", target.get("RoleArn"), action, target["Arn"])
            return None
        token = _rule_arn.set("" if action else rule.get("Arn", ""))
        try:
            return invoke_target(target, event, rule, *args, **kwargs)
        finally:
            _rule_arn.reset(token)

    def dispatch_if_allowed(arn, payload):
        if not _rule_arn.get() or _may_invoke(arn, "events", _rule_arn.get()):
            dispatch(arn, payload)

    replace(eventbridge, "_invoke_target", invoke_target_of_rule)
    replace(eventbridge, "_dispatch_to_lambda", dispatch_if_allowed)


def _action_of_role(target, rule):
    """What a target's role must allow; functions behind rules have policies of their own instead."""
    if ":states:" in target["Arn"]:
        return "states:StartExecution"
    is_schedule = rule.get("Arn", "").startswith("arn:aws:scheduler:")
    return "lambda:InvokeFunction" if is_schedule and ":lambda:" in target["Arn"] else None


def _may_invoke(function, service, source_arn):
    arn = _function_arn(function)
    found = lambda_svc.function_policy_for_arn(arn)
    if found is None:
        return True  # There is no such function: the service itself says so.
    context = _context(f"{service}.amazonaws.com", "Service", "lambda:InvokeFunction", arn)
    context.service_context.update({"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()})
    principal = f"{service}.amazonaws.com"
    if iam_evaluator.evaluate_resource_policy(found[0], context, service=principal).decision == "Allow":
        return True
    logger.warning("%s may not invoke %s for %s: its policy has no such permission", principal, arn, source_arn)
    return False


def _function_arn(function):
    if function.startswith("arn:"):
        return function
    name, _, qualifier = function.partition(":")
    return lambda_svc._func_arn(name) + (f":{qualifier}" if qualifier else "")


def _context(principal, kind, action, resource):
    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
    )


# --- state machines' roles ---------------------------------------------------------------------------------


def _guard_state_machines():
    execute_task = original(stepfunctions, "_execute_task")
    call_lambda = original(stepfunctions, "_call_lambda")

    def execute_task_as_role(state, raw_input, execution, ctx):
        machine = stepfunctions._state_machines.get((execution or {}).get("stateMachineArn", "")) or {}
        token = _role_arn.set(machine.get("roleArn", ""))
        try:
            return execute_task(state, raw_input, execution, ctx)
        finally:
            _role_arn.reset(token)

    def call_lambda_as_role(function, event):
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
        _require("lambda:InvokeFunction", _function_arn(function), "Lambda.AWSLambdaException")
        return call_lambda(function, event)

    replace(stepfunctions, "_execute_task", execute_task_as_role)
    replace(stepfunctions, "_call_lambda", call_lambda_as_role)
    for name in ("_invoke_nested_start_execution", "_invoke_nested_start_execution_sync"):
        replace(stepfunctions, name, _start_as_role(original(stepfunctions, name)))


def _start_as_role(start):
    def start_as_role(resource, input_data):
        machine = (input_data or {}).get("StateMachineArn", "")
        _require("states:StartExecution", machine, "StepFunctions.AccessDeniedException")
        return start(resource, input_data)

    return start_as_role


def _require(action, resource, error):
    role_arn = _role_arn.get()
    if role_arn and not _role_allows(role_arn, action, resource):
        cause = f"{role_arn} is not authorized to perform: {action} on resource: {resource}"
        raise stepfunctions._ExecutionError(error, cause)


def _role_allows(role_arn, action, resource):
    if not role_arn:
        return False
    account, role = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    policies = iam_evaluator._gather_role_policies(role, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, role, account)
    context = _context(f"arn:aws:sts::{account}:assumed-role/{role}/service", "AssumedRole", action, resource)
    return iam_evaluator.evaluate(context, policies, *limits).decision == "Allow"
