"""Make an API key, and the entry that API_KEYS needs for it."""

import argparse
import sys

from app.auth import SCORE, digest_of, make_key, read_keys

ROLES = "score, review or audit, with + between several"


def main() -> int:
    """Prints the key once; it is stored nowhere."""
    parser = argparse.ArgumentParser(prog="credit-scoring key", description=__doc__)
    parser.add_argument("name", metavar="NAME", help="name of its holder: letters, digits and _.-")
    parser.add_argument("roles", metavar="ROLES", nargs="?", default=SCORE, help=ROLES)
    asked, key = parser.parse_args(), make_key()
    name, entry = asked.name, f"{asked.name}:{digest_of(key)}:{asked.roles}"
    try:
        read_keys(entry)
    except ValueError:
        parser.error(f"NAME must be 1 to 32 letters, digits or any of _.-, and ROLES {ROLES}")
    print(f"key, for {name} to send: {key}")
    print(f"entry, to add to API_KEYS: {entry}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
