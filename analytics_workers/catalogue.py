"""The catalogue of analyses: the definition in every folder of `services/`. No compute module is imported.

The gateway imports this module and nothing else of the workers.
"""

import importlib
import pkgutil
from typing import Any

from analytics_workers import services
from common.catalogue import ServiceDefinition, clean_for_service
from common.parameters import ParametersInvalid


def load_services() -> dict[str, ServiceDefinition]:
    """The definition in every folder of `services/`, by service name."""
    folders = sorted(module.name for module in pkgutil.iter_modules(services.__path__) if module.ispkg)
    modules = [importlib.import_module(f"{services.__name__}.{folder}.definition") for folder in folders]
    return {module.DEFINITION.name: module.DEFINITION for module in modules}


SERVICES: dict[str, ServiceDefinition] = load_services()


def clean_params(service: str, raw: Any) -> dict[str, Any]:
    """The cleaned parameters of one request, in the order of the service's definition.

    Raises ParametersInvalid: unknown service, unknown or missing parameter, bad value, bad combination.
    """
    definition = SERVICES.get(service) if isinstance(service, str) else None
    if definition is None:
        raise ParametersInvalid({"service": [f"Choose one of: {', '.join(sorted(SERVICES))}."]})
    return clean_for_service(definition, raw)
