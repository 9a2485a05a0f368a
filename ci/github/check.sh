#!/bin/sh
# Runs `hitl check` on what is checked out, and leaves its reports, a summary and outputs. Exits as hitl does.
set -eu

reports=${RUNNER_TEMP:?}/hitl-check
mkdir -p "$reports"
sarif=${HITL_SARIF:-$reports/check.sarif}

give_up() {
    echo "::error title=hitl check::$1"
    echo "**hitl check** could not be made: $1" >>"${GITHUB_STEP_SUMMARY:?}"
    echo "verdict=error" >>"${GITHUB_OUTPUT:?}"
    exit "$2"
}

is_commit() { git cat-file -e "$1^{commit}" 2>/dev/null; }

if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
    give_up "history is cut off here; give actions/checkout \`fetch-depth: 0\`" 3
fi

head=${HITL_HEAD:-HEAD}
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
else
    # Before the first push of a branch there was nothing, which is written as zeros.
    case "${HITL_BEFORE:-}" in
        *[!0]*) base=$HITL_BEFORE ;;
        *) give_up "there is nothing to check against: run it on pull requests, or give \`base\`" 2 ;;
    esac
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
