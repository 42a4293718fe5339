#!/bin/sh
# Temporal's two databases in the PostgreSQL of the deployment: made when missing, brought up to date otherwise.
set -eu

tool() {
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --endpoint "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --database "$database" "$@"
}

for part in temporal visibility; do
  case $part in
    temporal) database=temporal ;;
    visibility) database=temporal_visibility ;;
  esac
  tool "$database" create-database
  tool "$database" setup-schema --version 0.0
  tool "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$part/versioned"
done
