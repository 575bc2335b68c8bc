#!/bin/sh
# inotifywait and one curl a file: watch_curl.sh DIRECTORY BASE. Only PUTs; no record is kept.
# It does not end by itself.
directory=$1 base=$2
inotifywait --monitor --event close_write --format %f "$directory" | while read -r name; do
    curl --silent --show-error --fail --output /dev/null --upload-file "$directory/$name" "$base/inbox/$name"
done
