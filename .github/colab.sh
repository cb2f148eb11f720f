#!/usr/bin/env bash
# Inside the Colab runtime image: each notebook runs as a Colab user would run it, from its own file alone,
# and the first cell may add packages but change none that the image brings.
# Usage: .github/colab.sh, from any folder; the clone may be read-only.
set -euo pipefail

clone=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
cd "$work"

python3 -m pip freeze | sort > before.txt
failed=()
for notebook in "$clone"/chapters/*/*.ipynb; do
    source="${notebook%/*}/source/${notebook##*/}" # of an assignment: with the solutions in place of the blanks
    if [ -f "$source" ]; then notebook=$source; fi
    echo "== ${notebook#"$clone"/}"
    cp "$notebook" notebook.ipynb
    python3 -m jupyter nbconvert --to notebook --execute --stdout --log-level WARN notebook.ipynb > run.ipynb ||
        failed+=("${notebook#"$clone"/}")
done
python3 -m pip freeze | sort > after.txt

changed=$(comm -23 before.txt after.txt)
if [ -n "$changed" ]; then
    echo "The notebooks changed or removed packages that Colab brings:"
    echo "$changed"
fi
if [ ${#failed[@]} -gt 0 ]; then
    echo "These notebooks fail in the Colab image:"
    printf '%s\n' "${failed[@]}"
fi
[ -z "$changed" ] && [ ${#failed[@]} -eq 0 ]
