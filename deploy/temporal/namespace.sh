#!/bin/sh
# The namespace campaigns run in. Closed runs are kept for 30 days; the search attributes come with the migration.
set -eu

if temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$NAMESPACE" --retention 720h
else
  temporal operator namespace create --namespace "$NAMESPACE" --retention 720h
fi
