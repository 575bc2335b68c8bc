#!/bin/sh
# inotifywait tells s5cmd what arrives: watch_s5cmd.sh S5CMD DIRECTORY ENDPOINT COUNT. Only PUTs; no record is kept.
s5cmd=$1 directory=$2 endpoint=$3 count=$4
pipe=$(mktemp -u)
mkfifo "$pipe"
inotifywait --monitor --event moved_to --format "cp %w%f s3://sink/%f" "$directory" >"$pipe" &
head -n "$count" <"$pipe" | "$s5cmd" --endpoint-url "$endpoint" --log error --numworkers 8 run
status=$?
kill $!
rm "$pipe"
exit "$status"
