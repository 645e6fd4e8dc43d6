# The web service, the worker and the commands, in one image (see compose.yaml).

FROM python:3.13-slim-bookworm AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/consult
# Hatchling and Node.js, which fetches GOV.UK Frontend; neither reaches the image.
COPY requirements-serve.lock requirements-node.lock ./
RUN pip install --require-hashes --requirement requirements-node.lock
RUN pip --python /opt/consult install --require-hashes --requirement requirements-serve.lock
COPY pyproject.toml hatch_build.py package.json package-lock.json .npmrc README.md LICENSE ./
COPY src src
COPY analysis analysis
COPY migrations migrations
COPY surveys surveys
RUN python -m hatchling build --target wheel --directory dist
RUN pip --python /opt/consult install --no-deps --no-index dist/*.whl

FROM python:3.13-slim-bookworm
# Fonts for the PDFs: Latin, Arabic and Gurmukhi letters, and Chinese ones (about 130 MB). Debian's
# packages come without a hash of ours: apt holds them to the signature of Debian's archive.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN python -m pip uninstall --yes --root-user-action=ignore pip \
    && useradd --system --uid 10001 --no-create-home --home-dir /tmp consult
COPY --from=build /opt/consult /opt/consult
ENV PATH=/opt/consult/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CONSULT_HOST=0.0.0.0
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('CONSULT_PORT', '8000') + '/health', timeout=4)"]
CMD ["consult", "serve"]
