#!/bin/sh
# Run once by the database container on its empty volume: the product's own role, which is no superuser and
# so cannot switch the triggers off that guard the history.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$HELPDESK_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE helpdesk LOGIN PASSWORD :'password';
CREATE DATABASE helpdesk OWNER helpdesk;
SQL
