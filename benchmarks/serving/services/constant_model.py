"""An MLflow model that answers any input with a constant."""

from typing import Any

from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class Constant(PythonModel):  # type: ignore[misc]
    _skip_type_hint_validation = True

    def predict(self, context, model_input, params=None) -> Any:  # type: ignore[no-untyped-def] # noqa: ARG002
        return [{"solvency": 0.5, "threshold": 0.9, "decision": "No"}] * len(model_input)


set_model(Constant())
