"""How the other side of a benchmark is asked: one JSON request a line, answered by one JSON line."""

import json
import sys
import traceback


def serve(peer: object) -> None:
    """Calls the peer's method that a request names under "do", until there are no more requests."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request["do"])(request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), flush=True)
