#!/bin/sh
# Posts what happens at a camera to a URL, as JSON:
#
#   receiver 192.168.1.20 --motion --no-display --exec "examples/hooks/webhook.sh https://host/hook"
#
# Needs curl and jq, which quotes whatever the names contain.
set -eu
jq -nc '{event: env.CAMCAT_EVENT, time: env.CAMCAT_TIME, camera: env.CAMCAT_CAMERA,
  reason: env.CAMCAT_REASON, score: env.CAMCAT_SCORE, seconds: env.CAMCAT_SECONDS,
  file: env.CAMCAT_FILE}' |
  curl -fsS --max-time 10 -H 'Content-Type: application/json' --data-binary @- "$1"
