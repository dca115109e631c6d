"""`python -m app.key NAME`: makes an API key, and the entry that API_KEYS needs for it."""

import argparse
import sys

from app.auth import digest_of, make_key, read_keys


def main() -> int:
    """Prints the key once; it is stored nowhere."""
    parser = argparse.ArgumentParser(prog="python -m app.key", description=__doc__)
    parser.add_argument("name", metavar="NAME", help="name of its holder: letters, digits and _.-")
    name, key = parser.parse_args().name, make_key()
    entry = f"{name}:{digest_of(key)}"
    try:
        read_keys(entry)
    except ValueError:
        parser.error("NAME must be 1 to 32 letters, digits or any of _.-")
    print(f"key, for {name} to send: {key}")
    print(f"entry, to add to API_KEYS: {entry}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
