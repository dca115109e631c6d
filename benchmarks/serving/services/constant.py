"""A Flask route that reads its request and returns a constant: no Flask service is faster."""

from flask import Flask, Response, request

ANSWER = b'{"prediction": {"client": {"solvency": 0.5, "threshold": 0.9}}}'


def application() -> Flask:
    app = Flask(__name__)

    @app.post("/score")
    def score() -> Response:
        request.get_data()
        return Response(ANSWER, mimetype="application/json")

    return app
