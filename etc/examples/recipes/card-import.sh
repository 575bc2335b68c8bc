#!/bin/sh
# Copies what is new on a camera's card into a watched folder: card-import.sh /media/card/DCIM /srv/card
#
# A file is copied under a hidden name, which Outtray passes over, and then renamed. So the card may be pulled at any
# moment: the next run copies what is missing. What was copied is recorded by card, size, time and name, because cameras
# give the same names again. For the same reason each run copies into a directory of its own.
set -eu

card=$1 folder=$2
: "${COPIED:=/var/lib/card-import/copied}"

umask 027
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
id=$(findmnt --noheadings --output UUID --target "$card" || true)
# No name on a card has a line break in it: FAT and exFAT allow none.
find "$card" -type f ! -name '.*' -printf "$id %s %T@ %P\n" >"$work/found"
sort "$work/found" >"$work/card"
touch "$COPIED"
sort "$COPIED" >"$work/copied"
comm -23 "$work/card" "$work/copied" >"$work/new"

into=$folder/$(date --utc +%Y-%m-%dT%H%M%SZ)
while IFS= read -r line; do
    name=${line#"$id "}
    name=${name#* }
    name=${name#* }
    place=$into/$(dirname -- "$name") last=$(basename -- "$name")
    mkdir -p -- "$place"
    cp --preserve=timestamps -- "$card/$name" "$place/.$last.part"
    sync -- "$place/.$last.part"
    mv --no-clobber -- "$place/.$last.part" "$place/$last"
    # The new names are on disk before the record says that the file is copied.
    sync -- "$place" "$into" "$folder"
    printf '%s\n' "$line" >>"$COPIED"
done <"$work/new"
sync -- "$COPIED"
echo "copied $(wc -l <"$work/new") of $(wc -l <"$work/card") files"
