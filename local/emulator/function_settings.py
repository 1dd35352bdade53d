"""Settings of functions that the emulator's CloudFormation drops, and their reach over all versions."""

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners
from patching import original, replace


def install():
    handlers = original(provisioners, "_RESOURCE_HANDLERS")["AWS::Lambda::Function"]
    create, update = handlers["create"], handlers["update"]
    reserved = original(lambda_svc, "_reserved_concurrency")

    def create_fully(logical_id, props, stack_name):
        name, attributes = create(logical_id, props, stack_name)
        _apply(name, props)
        return name, attributes

    def update_fully(physical_id, old_props, new_props, stack_name, logical_id=None):
        name, attributes = update(physical_id, old_props, new_props, stack_name, logical_id)
        _apply(name, new_props)
        return name, attributes

    def reserved_of_all_versions(func, config):
        """A version's record has no reservation of its own: all versions share the function's."""
        function = lambda_svc._functions.get(config.get("FunctionName", ""))
        return reserved(function or func, config)

    handlers.update(create=create_fully, update=update_fully)
    replace(lambda_svc, "_reserved_concurrency", reserved_of_all_versions)


def _apply(name, props):
    function = lambda_svc._functions[name]
    limit = props.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if limit is None else int(limit)
    function["config"].pop("DeadLetterConfig", None)
    if props.get("DeadLetterConfig"):
        function["config"]["DeadLetterConfig"] = props["DeadLetterConfig"]
