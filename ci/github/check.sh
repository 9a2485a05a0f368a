#!/bin/sh
# Runs `hitl check` on what is checked out, and leaves its reports, a summary and outputs. Exits as hitl does.
set -eu

# Each folder that is checked has reports of its own; those of an earlier run are none of this one's.
directory=$(printf %s "${HITL_DIRECTORY:-.}" | sed -e 's,/*$,,' -e 's,^\./,,' -e 's,^\.$,,' -e 's,%,%25,g' -e 's,/,%2F,g')
reports=${RUNNER_TEMP:?}/hitl-check${directory:+-$directory}
sarif=${HITL_SARIF:-$reports/check.sarif}
rm -rf "$reports"
rm -f "$sarif"
mkdir -p "$reports"

# Says why there is no report, and exits: with 1 the answer is no, with more there is none.
give_up() {
    echo "::error title=hitl check::$1"
    echo "**hitl check** could not be made: $1" >>"${GITHUB_STEP_SUMMARY:?}"
    if [ "$2" = 1 ]; then echo "verdict=failed"; else echo "verdict=error"; fi >>"${GITHUB_OUTPUT:?}"
    exit "$2"
}

is_commit() { git cat-file -e "$1^{commit}" 2>/dev/null; }

# Before the first push of a branch there was nothing, which is written as zeros.
is_something() { case "$1" in *[!0]*) true ;; *) false ;; esac; }

if [ "${GITHUB_EVENT_NAME:-}" = pull_request_target ]; then
    give_up "\`on: pull_request_target\` checks out the base, not the change; use \`on: pull_request\`" 2
fi
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
    give_up "history is cut off here; give actions/checkout \`fetch-depth: 0\`" 3
fi

# A head that the workflow chooses is its own to answer for; else it is the change of the event, or a merge of it.
head=${HITL_HEAD:-HEAD}
if [ "$head" = HEAD ] && [ -n "${HITL_CHANGE:-}${HITL_PR_BASE:-}${HITL_BEFORE:-}" ]; then
    change=$(git rev-parse --verify --quiet "${HITL_CHANGE:-}^{commit}" || echo none)
    git rev-parse HEAD 'HEAD^@' | grep -qxF -e "$change" ||
        give_up "what is checked out is neither ${HITL_CHANGE:-the change} nor a merge of it; let actions/checkout choose the ref, or give \`head\`" 2
fi

if [ -n "${HITL_BASE:-}" ]; then
    base=$HITL_BASE
elif [ -n "${HITL_PR_BASE:-}" ]; then
    base=$HITL_PR_BASE
    # The first parent of the forge's own merge of the pull request is the base as it was merged with.
    case "${GITHUB_REF:-}" in
        refs/pull/*/merge)
            if [ "$(git rev-parse HEAD)" = "${GITHUB_SHA:-}" ] && is_commit HEAD^2; then
                base=$(git rev-parse HEAD^1)
            fi
            ;;
    esac
elif is_something "${HITL_BEFORE:-}"; then
    base=$HITL_BEFORE
    # All of history is here: what is not, or not behind the head, was taken out of it.
    if ! is_commit "$base" || ! git merge-base --is-ancestor "$base" "$head"; then
        give_up "history was rewritten: $base is not in it any more" 1
    fi
elif [ -n "${HITL_BEFORE:-}" ] && [ -n "${HITL_DEFAULT_BRANCH:-}" ] &&
    [ "${GITHUB_REF:-}" != "refs/heads/$HITL_DEFAULT_BRANCH" ]; then
    # A branch that is new would be merged into the main one.
    base=refs/remotes/origin/$HITL_DEFAULT_BRANCH
else
    give_up "there is nothing to check against: run it on pull requests, or give \`base\`" 2
fi
is_commit "$base" || give_up "base $base is not here; give actions/checkout \`fetch-depth: 0\`" 3

code=0
hitl check --base "$base" --head "$head" \
    --to "md=$reports/check.md" --to "json=$reports/check.json" --to "html=$reports/check.html" \
    --to "junit=$reports/check.xml" --to "sarif=$sarif" --to github=- || code=$?

verdict=error
if [ "$code" -le 1 ] && [ -s "$reports/check.json" ]; then
    verdict=$(grep -o '"verdict": *"[a-z_]*"' "$reports/check.json" | head -n 1 | sed 's/.*"\([a-z_]*\)"$/\1/')
fi
{
    echo "verdict=$verdict"
    echo "reports=$reports"
    echo "sarif=$sarif"
} >>"$GITHUB_OUTPUT"
if [ -s "$reports/check.md" ]; then
    # A summary has at most 1 MiB.
    head -c 1000000 "$reports/check.md" >>"$GITHUB_STEP_SUMMARY"
else
    echo "**hitl check** gave no answer; the log of the step says why" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
