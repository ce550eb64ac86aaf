#!/usr/bin/env bash
# Posts the MM2 connectors, skipping those that exist
# Rendered by kmk from kmk.yaml: edit that file and render again, changes here are overwritten.
#
# Bash speaks HTTP by itself here: the images share no client program. Safe to run again.
set -u

deadline=$((SECONDS + ${KMK_POST_SECONDS:-180}))
failed=0

# request HOST PORT METHOD PATH [FILE]: the status on the first line, then the body; nothing if there is no answer.
request() (
  exec 3<>"/dev/tcp/$1/$2" || exit 1
  printf '%s %s HTTP/1.0\r\nHost: %s:%s\r\nAccept: application/json\r\n' "$3" "$4" "$1" "$2" >&3
  if [ -n "${5-}" ]; then
    printf 'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n' "$(wc -c <"$5")" >&3
    cat "$5" >&3
  else
    printf '\r\n' >&3
  fi
  read -r -t 60 _ status _ <&3 || exit 1
  printf '%s\n' "$status"
  while read -r -t 60 header <&3 && [ "$header" != $'\r' ]; do :; done
  cat <&3
) 2>/dev/null

# post HOST PORT NAME FILE: NAME as it stands in a URL.
post() {
  local answer status
  while [ "$SECONDS" -lt "$deadline" ]; do
    answer=$(request "$1" "$2" GET "/connectors/$3")
    status=${answer%%$'\n'*}
    if [ "$status" = 200 ]; then
      echo "$4: exists, left as it is"
      return 0
    fi
    if [ "$status" = 404 ]; then
      answer=$(request "$1" "$2" POST /connectors "$4")
      status=${answer%%$'\n'*}
      case $status in
        201)
          echo "$4: created"
          return 0
          ;;
        4[0-9][0-9])
          # 409 while the worker rebalances, or when someone else was faster: look again.
          if [ "$status" != 409 ]; then
            echo "$4: refused with ${answer//$'\n'/ }" >&2
            return 1
          fi
          ;;
      esac
    fi
    sleep 1
  done
  echo "$4: no success in time, last answer: ${answer:-none}" >&2
  return 1
}

post 'dr-connect' '8083' 'primary-%3Edr.MirrorSourceConnector' '/kmk/connect/primary-dr/source.json' || failed=1
post 'dr-connect' '8083' 'primary-%3Edr.MirrorCheckpointConnector' '/kmk/connect/primary-dr/checkpoint.json' || failed=1
post 'dr-connect' '8083' 'primary-%3Edr.MirrorHeartbeatConnector' '/kmk/connect/primary-dr/heartbeat.json' || failed=1

exit "$failed"
