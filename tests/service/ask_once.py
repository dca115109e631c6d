"""`python -m tests.service.ask_once SCORER`: start the service, ask it once, stop it; 0 if well.

A program, for a test that has to start it in a file system of its own.
"""

import json
import os
import sys
from pathlib import Path

from tests.service.conftest import PROJECT, Service

CLIENT = {"SK_ID_CURR": 1, "AMT_CREDIT": 450_000.0}


def main(scorer: str) -> int:
    service = Service(Path(os.environ["TMPDIR"]) / "log", {"SCORER": scorer})
    try:
        answer = service.ready().ask("POST", "/predict_proba", {"data": CLIENT})
        threshold = json.loads((PROJECT / "mlruns_reduced/best_threshold").read_text())
        (score,) = answer.json()["prediction"].values()
        print(service.log.read_text(), file=sys.stderr)
        return int(answer.status != 200 or score["seuil"] != threshold)
    finally:
        service.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
