"""What MLflow runs to get the model: logged as code, so that loading unpickles no Python class."""

from mlflow.models import set_model

from scoring_model.model import ScoringModel

set_model(ScoringModel())
