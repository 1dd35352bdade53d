"""What IAM is told of a request, where the emulator tells it less than AWS does.

- `iam:PermissionsBoundary` holds the boundary that a request gives a role, or that the role has already
  (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).
- `lambda:CreateFunction` is about the function's ARN, not about `*`
  (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html).
- One alias is got, updated and deleted, and reserved concurrency deleted, by actions of their own.
- SQS's batches are the actions of their single messages
  (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html).
"""

import json
from urllib.parse import parse_qs

from ministack.core import iam_actions
from ministack.services import iam
from patching import original, replace

ON_ALIAS = {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}
BATCHES_OF_SQS = ("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")
ON_ROLES = ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary")


def install():
    request_tags = original(iam_actions, "request_tag_context")
    resource_arn = original(iam_actions, "extract_resource_arn")
    lambda_action = original(iam_actions, "_lambda_action")
    target_action = original(iam_actions, "_action_from_target")

    def with_boundary(service, iam_action, body, params):
        context = request_tags(service, iam_action, body, params)
        boundary = _boundary(body) if iam_action in ON_ROLES else None
        return {**context, "iam:PermissionsBoundary": boundary} if boundary else context

    def of_new_function(service, method, path, headers, body, query_params, region, account_id):
        if service == "lambda" and method == "POST" and path.rstrip("/").endswith("/functions"):
            name = _function_name(body)
            if name:
                return f"arn:aws:lambda:{region}:{account_id}:function:{name}"
        return resource_arn(service, method, path, headers, body, query_params, region, account_id)

    def of_function(method, path):
        parts = [part for part in path.split("/") if part]
        if parts[1:2] == ["functions"] and parts[3:4] == ["aliases"] and len(parts) == 5:
            return ON_ALIAS.get(method)
        if parts[1:2] == ["functions"] and parts[3:4] == ["concurrency"] and method == "DELETE":
            return "DeleteFunctionConcurrency"
        return lambda_action(method, path)

    def of_single_message(headers):
        action = target_action(headers)
        return action.removesuffix("Batch") if action in BATCHES_OF_SQS else action

    replace(iam_actions, "_action_from_target", of_single_message)
    replace(iam_actions, "_lambda_action", of_function)
    replace(iam_actions, "request_tag_context", with_boundary)
    replace(iam_actions, "extract_resource_arn", of_new_function)


def _boundary(body):
    fields = parse_qs((body or b"").decode())
    if "PermissionsBoundary" in fields:
        return fields["PermissionsBoundary"][0]
    role = iam._roles.get(fields.get("RoleName", [""])[0])
    return role.get("PermissionsBoundary") if role else None


def _function_name(body):
    try:
        return json.loads(body or b"{}").get("FunctionName")
    except (ValueError, AttributeError):
        return None
