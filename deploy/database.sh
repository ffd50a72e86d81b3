#!/bin/sh
# Run once by the database container on its empty volume: the product's own role, which owns its tables and is not a
# superuser. Triggers protect the history against mistakes, not against someone with its password.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$HELPDESK_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE helpdesk LOGIN PASSWORD :'password';
CREATE DATABASE helpdesk OWNER helpdesk;
SQL
