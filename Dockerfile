# syntax=docker/dockerfile:1
# The service with the champion inside. No build tool and no package manager's cache is left in it.
#   docker build -t credit-scoring .
#   docker run --read-only --tmpfs /tmp -p 8000:8000 credit-scoring

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /dist . \
    && /venv/bin/pip install --no-cache-dir --no-deps --no-index /dist/*.whl \
    && /venv/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim
# LightGBM's OpenMP, which slim images lack.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /venv /venv
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin scoring \
    && install --directory --owner 10001 /spool
USER 10001
WORKDIR /tmp
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PORT=8000
EXPOSE 8000
# SCORER=in-process loads the model into the service itself; `forward` runs MLflow's server beside it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/ready', timeout=3)"]
ENTRYPOINT ["credit-scoring"]
CMD ["serve"]
