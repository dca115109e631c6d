"""FastAPI with nothing in the way: bytes in, orjson, one thread, bytes out. Run by uvicorn."""

import orjson
from fastapi import FastAPI, Request, Response

from benchmarks.serving.services.scoring import Scoring


def application() -> FastAPI:
    """Loads the model."""
    scoring, app = Scoring(), FastAPI(openapi_url=None)

    @app.post("/score")
    async def score(request: Request) -> Response:
        clients = orjson.loads(await request.body())["data"]
        body = orjson.dumps({"predictions": scoring.records(clients)})
        return Response(body, media_type="application/json")

    return app
