# NOT BUILT HERE: where this was written there is no Docker daemon. What tests/unit/test_container.py
# can check without one is checked; docs/how-to/containers.md says what that leaves open.

FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements/build.txt requirements/postgres.txt requirements/
RUN python -m venv /build && python -m venv /opt/dutchbook \
 && /build/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r requirements/build.txt \
 && /opt/dutchbook/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r requirements/postgres.txt
COPY pyproject.toml README.md LICENSE config.example.yaml ./
COPY venues venues
COPY matching matching
COPY scanner scanner
COPY execution execution
COPY alerts alerts
COPY app app
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/dutchbook/bin/pip install --no-cache-dir --no-index --no-deps /wheels/*.whl

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dutchbook \
 && install -d -m 700 -o dutchbook -g dutchbook /data
COPY --from=build /opt/dutchbook /opt/dutchbook
ENV PATH=/opt/dutchbook/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /config
VOLUME /data
STOPSIGNAL SIGTERM
# The numbers are served by the loop that trades: they answer while it turns.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/metrics', timeout=4)"]
ENTRYPOINT ["dutchbook"]
CMD ["run"]
