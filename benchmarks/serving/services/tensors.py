"""The same in MLServer, which takes tensors: the caller has put the columns in order already."""

import numpy as np
from mlserver import MLModel  # type: ignore[import-not-found]
from mlserver.codecs import NumpyCodec  # type: ignore[import-not-found]
from mlserver.types import InferenceRequest, InferenceResponse  # type: ignore[import-not-found]

from benchmarks.serving.services.scoring import Scoring


class Tensors(MLModel):  # type: ignore[misc]
    """Scores in the event loop, which for one client is quicker than handing over."""

    async def load(self) -> bool:
        self._scoring = Scoring()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        matrix = np.asarray(NumpyCodec.decode_input(payload.inputs[0]), dtype=np.float64)
        solvency = np.array(self._scoring.matrix(matrix))
        outputs = [NumpyCodec.encode_output("solvency", solvency)]
        return InferenceResponse(model_name=self.name, outputs=outputs)
