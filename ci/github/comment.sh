#!/bin/sh
# Keeps one comment on the pull request up to date with the report. Never fails: the verdict is told elsewhere.
set -eu

# Each folder that is checked has a comment of its own, known by what it begins with.
directory=$(printf %s "${HITL_DIRECTORY:-.}" | sed -e 's,/*$,,' -e 's,^\./,,' -e 's,^\.$,,' -e 's,>,%3E,g')
marker="<!-- hitl-check${directory:+: $directory} -->"
api=${GITHUB_API_URL:?}/repos/${GITHUB_REPOSITORY:?}
report=${HITL_REPORTS:?}/check.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

leave() {
    echo "::notice title=hitl check::$1; the report is in the summary of this run"
    exit 0
}

[ -s "$report" ] || leave "there is no report to comment"
[ "${HITL_PR_REPOSITORY:-}" = "$GITHUB_REPOSITORY" ] || leave "a pull request from a fork gets no comment"
command -v jq >/dev/null || leave "a comment needs jq"

# Asks the API: method, address, and a file to send or nothing. Leaves the answer in $work/answer, prints the status.
ask() {
    set -- "$1" "$2" ${3:+--data-binary "@$3"}
    method=$1 url=$2
    shift 2
    # The token is nobody's to see among the arguments of processes.
    printf 'header = "Authorization: Bearer %s"\n' "${HITL_TOKEN:?}" |
        curl --silent --show-error --config - --request "$method" --retry 2 --max-time 60 \
            --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
            --header 'Content-Type: application/json' --output "$work/answer" --write-out '%{http_code}' "$@" "$url" || echo 000
}

page=1 id=
while [ -z "$id" ]; do
    status=$(ask GET "$api/issues/$HITL_PR/comments?per_page=100&page=$page")
    [ "$status" = 200 ] || leave "comments cannot be read (HTTP $status)"
    id=$(jq -r --arg marker "$marker" \
        'map(select(.user.type == "Bot" and (.body // "" | startswith($marker)))) | first.id // empty' "$work/answer")
    [ "$(jq length "$work/answer")" = 100 ] || break
    page=$((page + 1))
done
if [ -z "$id" ] && [ "${HITL_VERDICT:-}" = no_changes ]; then
    leave "no labels change, so there is nothing to comment"
fi

# A comment has at most 65,536 characters, and its mark once, where nothing cuts it off.
jq -Rs --arg marker "$marker" \
    'sub("\n*<!-- hitl-check -->\n*$"; "\n") | {body: ($marker + "\n" + if length > 60000 then .[:60000] + "\n\n… cut; the rest is in the summary of the run" else . end)}' \
    "$report" >"$work/body"
if [ -n "$id" ]; then
    status=$(ask PATCH "$api/issues/comments/$id" "$work/body")
else
    status=$(ask POST "$api/issues/$HITL_PR/comments" "$work/body")
fi
case $status in
    200 | 201) ;;
    403 | 404) leave "this token may not comment (HTTP $status); grant \`pull-requests: write\`" ;;
    *) leave "the comment could not be written (HTTP $status)" ;;
esac
