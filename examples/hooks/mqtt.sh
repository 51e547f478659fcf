#!/bin/sh
# Tells an MQTT broker what happens at a camera:
#
#   receiver 192.168.1.20 --motion --no-display --exec "examples/hooks/mqtt.sh broker.local"
#
# Topics are camcat/CAMERA/EVENT, e.g. camcat/door/motion. Needs mosquitto_pub
# (package mosquitto-clients).
set -eu
# Names come from the sender: + # and / have a meaning in topics.
camera=$(printf %s "$CAMCAT_CAMERA" | tr '+#/' ___)
exec mosquitto_pub -h "${1:-localhost}" ${2:+-p "$2"} -q 1 -t "camcat/$camera/$CAMCAT_EVENT" \
  -m "{\"time\":\"$CAMCAT_TIME\",\"score\":\"$CAMCAT_SCORE\",\"seconds\":\"$CAMCAT_SECONDS\"}"
