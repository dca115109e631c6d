"""The file that MLflow loads the model from: logged as code, so that no Python class is pickled."""

from mlflow.models import set_model

from scoring_model import ScoringModel

set_model(ScoringModel())
