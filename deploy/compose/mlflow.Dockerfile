# MLflow's tracking server at the pinned version, with the driver of PostgreSQL.
FROM python:3.11-slim
WORKDIR /src
COPY requirements-train.txt .
RUN pip install --no-cache-dir --require-hashes --requirement requirements-train.txt \
    && useradd --uid 10001 --create-home mlflow && mkdir /artifacts && chown mlflow /artifacts
USER 10001
ENV MLFLOW_DISABLE_TELEMETRY=true
ENTRYPOINT ["mlflow"]
