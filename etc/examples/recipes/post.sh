#!/bin/sh
# Posts a file of a watched folder as soon as the provider can use it. Needs curl and jq.
#
#   post.sh FILE TEXT [WHEN]
#
# WHEN is a time such as 2026-12-24T09:00:00Z. Without it Postbreeze keeps a draft. ConnectSafely has no WHEN: it
# publishes at once. With - for FILE, the file's entry comes on standard input, as a hook gets it.
#
# Exit codes: 0 posted, and the post's id is printed. 65 refused, and there is no post. 75 not now, and there is no
# post. 64 a wrong setting, and there is no post. 70 the answer is not known: there may be a post. 69, 77 and 78 are
# those of `outtray wait`. With any other the script was ended: there may be a post.
set -eu

: "${POSTBREEZE_URL:=https://api.postbreeze.ai/api/v1}"
: "${POSTBREEZE_KEY_FILE:=/etc/outtray/main.key}"
: "${POSTBREEZE_ACCOUNT:=}" # required there: which connected account posts, soc_…
: "${CONNECTSAFELY_URL:=https://api.connectsafely.ai/linkedin}"
: "${CONNECTSAFELY_KEY_FILE:=/etc/outtray/linkedin.key}"
: "${CONNECTSAFELY_ACCOUNT:=}" # account_id and company_urn of the configuration, if it has them
: "${CONNECTSAFELY_COMPANY:=}"

fail() { # exit code, words
    printf 'post.sh: %s\n' "$2" >&2
    exit "$1"
}

[ $# -ge 2 ] || fail 64 'usage: post.sh FILE TEXT [WHEN]'
file=$1 text=$2 when=${3:-}
if [ "$file" = - ]; then
    entry=$(cat) || fail 75 'the entry cannot be read'
else
    outtray wait --for ready --timeout 10m -- "$file"
    # `why` tells the id, and whether the file has changed since.
    known=$(outtray why --json -- "$file")
    entry=$(printf '%s' "$known" | jq 'select(.state == "uploaded") | .asset') || fail 64 'jq did not take the answer'
    [ -n "$entry" ] || fail 75 "$file has changed again"
fi

case $(printf '%s' "$entry" | jq -r '.provider') in
postbreeze)
    url=$POSTBREEZE_URL/posts key_file=$POSTBREEZE_KEY_FILE
    [ -n "$POSTBREEZE_ACCOUNT" ] || fail 64 'POSTBREEZE_ACCOUNT is not set'
    body=$(printf '%s' "$entry" | jq --arg text "$text" --arg when "$when" --arg account "$POSTBREEZE_ACCOUNT" '
        {content: $text, platforms: [{accountId: $account}], mediaIds: [.mediaId // error("no mediaId")]}
        + if $when == "" then {} else {scheduledFor: $when} end') || fail 65 'no post can be made of this entry'
    ;;
connectsafely)
    url=$CONNECTSAFELY_URL/posts/create key_file=$CONNECTSAFELY_KEY_FILE
    [ -z "$when" ] || fail 64 'ConnectSafely publishes at once: run this when the time has come'
    body=$(printf '%s' "$entry" | jq --arg text "$text" --arg account "$CONNECTSAFELY_ACCOUNT" \
        --arg company "$CONNECTSAFELY_COMPANY" '
        {text: $text, assetUrn, mediaType: {IMAGE: "image", GIF: "image", VIDEO: "video", DOCUMENT: "document"}[.kind]}
        + if .kind == "VIDEO" or .kind == "DOCUMENT" then {recipes} else {} end
        + if .kind == "DOCUMENT" then {title: $text} else {} end
        + if $account == "" then {} else {accountId: $account} end
        + if $company == "" then {} else {companyUrn: $company} end') || fail 65 'no post can be made of this entry'
    ;;
*) fail 65 'the entry has no provider that this script knows' ;;
esac

key=$(tr -d '\r' <"$key_file") || fail 64 'the key cannot be read'
# A key of two lines would be two lines of curl's settings. What is wrong with a key is not told by showing it.
(LC_ALL=C && case $key in '' | *[!!-~]* | *[\"\\]*) exit 1 ;; esac) || fail 64 "$key_file is no key of one line"

work=$(mktemp -d) || fail 75 'there is no place for the request'
trap 'rm -rf "$work"' EXIT
{ printf '%s' "$body" >"$work/body" && : >"$work/answer"; } || fail 75 'there is no place for the request'

# The key goes to curl through a pipe: `ps` shows arguments to every user.
code=0
status=$(printf 'header = "Authorization: Bearer %s"\n' "$key" | curl --config - --silent --show-error --max-time 60 \
    --header 'Content-Type: application/json' --data-binary "@$work/body" \
    --output "$work/answer" --write-out '%{http_code}' "$url") || code=$?
case $code in
0) ;;
1 | 3 | 126 | 127) fail 64 "curl cannot call $url; no post was made" ;;
5 | 6 | 7 | 35 | 60) fail 75 "$url cannot be reached; no post was made" ;;
*) fail 70 'the answer was lost: look whether there is a post before you try again' ;;
esac
said=$(head -c 2000 "$work/answer") || said=
case $status in
2??)
    # Success under a 200 is not enough: LinkedIn may take a post, and make none.
    id=$(jq -er '.id // .shareUrn // .postUrn' "$work/answer" 2>/dev/null) || id=
    if [ -n "$id" ]; then
        printf '%s\n' "$id"
    elif jq -e 'has("success")' "$work/answer" >/dev/null 2>&1; then
        fail 65 "no post was made: $said"
    else
        fail 70 "this is no answer of the API's: $said"
    fi
    ;;
401 | 402 | 403) fail 75 "$status, the key or the account is refused; no post was made: $said" ;;
429) fail 75 "too many calls; no post was made: $said" ;;
408 | [35]??) fail 70 "$status: look whether there is a post before you try again: $said" ;;
*) fail 65 "$status, no post was made: $said" ;;
esac
