#!/bin/sh
# Takes what the original image takes, and any other command as it is. `exec`, so that signals reach Node itself.
set -eu

case "${1-}" in
  *.yml | *.yaml) exec berth serve "$@" ;;
  '' | serve | garbage-collect | help | -*) exec berth "$@" ;;
  *) exec "$@" ;;
esac
