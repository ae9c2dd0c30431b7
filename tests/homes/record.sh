#!/usr/bin/env bash
# Record a home as this revision writes it: chip `old` with one- and two-qubit tasks, chip `cut` with a cancelled run.
#
# Run in a checkout whose environment is synchronised: tests/homes/record.sh FOLDER
# It writes FOLDER/home.tar.xz and FOLDER/expected.json. Two qubits, few shots and sequences and a narrow spectroscopy keep
# the archive small: raw data are noise, which does not compress. A run holds its chip under the name of its host, which
# may stay in free pages of the store; hence a neutral name, in a namespace of its own.
set -euo pipefail

if [[ "$(hostname)" != laboratory ]]; then
    exec unshare --user --map-root-user --uts "$BASH" -c 'hostname laboratory && exec "$BASH" "$0" "$@"' "$0" "$@"
fi

folder=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
python=$PWD/.venv/bin/python
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
export QDASH_HOME=$scratch/home QDASH_TIMEZONE=UTC

qdash() { "$PWD/.venv/bin/qdash" "$@"; }

# 61 frequencies in GHz, at most 3 MHz from where the qubit is.
near() {
    qdash twin truth old --json | "$python" -c "
import json, sys
found = json.load(sys.stdin)['qubits']['$1']['qubit_frequency']['value']
print(json.dumps([round(found + (k - 30) * 1e-4, 6) for k in range(61)]))"
}

# How many tasks of the newest run of a chip are completed.
completed() {
    qdash executions list --chip "$1" --limit 1 --json | "$python" -c "
import json, sys
print(sum(run['tasks'].get('completed', 0) for run in json.load(sys.stdin)))"
}

one=(--set shots=256 --set ReadoutClassification.shots=64 --set RandomizedBenchmarking.sequences=4
    --set X90InterleavedRandomizedBenchmarking.sequences=4)
two=(--set shots=256 --set CheckBellState.shots=64 --set CheckBellStateTomography.shots=32
    --set ZX90InterleavedRandomizedBenchmarking.sequences=4)

qdash twin create old --device jakarta --seed 8
for qid in 3 5; do
    qdash calibrate old --flow bring-up --qids "$qid" --tag old "${one[@]}" \
        --set CheckQubitSpectroscopy.frequency_range="$(near "$qid")"
done
qdash calibrate old --flow two-qubit --qids 3,5 --tag old "${two[@]}"

qdash twin create cut --device jakarta --seed 8 --fault slow=0.3
qdash calibrate cut --flow bring-up --qids 0 --tag old &
run=$!
until [[ "$(completed cut)" -ge 2 ]]; do sleep 0.2; done
qdash executions cancel last
wait "$run" || true

tar --directory "$QDASH_HOME" --create --sort=name --owner=0 --group=0 --numeric-owner . | xz -9e >"$folder/home.tar.xz"
"$python" "$here/command_output.py" "$QDASH_HOME" >"$folder/expected.json"
