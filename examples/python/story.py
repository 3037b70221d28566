#!/usr/bin/env python3
"""story.py [PICTURE [SEALED]]: seals a FAL key, opens it, and has a picture made.

The key comes from FAL_KEY and is sealed into the file SEALED; without FAL_KEY, SEALED of an earlier run is opened. The
password comes from GENERATIO_PASSWORD, and another address than FAL's from FAL_URL.
"""

import http.client
import os
import sys
from pathlib import Path

import generatio

MODEL = "flux/schnell"
PROMPT = "a lighthouse in the fog"
PARAMETERS = {"image_size": {"width": 1280, "height": 1024}, "output_format": "png"}


def unlocked(sealed: Path) -> generatio.Secret:
    password = os.environ.get("GENERATIO_PASSWORD", "")
    if key := os.environ.get("FAL_KEY"):
        sealed.write_text(generatio.seal(key, password))
    return generatio.open_sealed(sealed.read_text().strip(), password)


def tell(progress: generatio.Progress) -> None:
    ahead = "" if progress.queue_position is None else f", {progress.queue_position} ahead"
    print(f"{progress.state}{ahead}")
    for line in progress.logs:
        print(f"  {line}")


def story(picture: Path, sealed: Path) -> None:
    with unlocked(sealed) as key, generatio.Catalog() as catalog:
        generation = catalog.check(MODEL, PROMPT, PARAMETERS)
        print(f"price: ${generation.quote():f}")
        with generatio.Fal(os.environ.get("FAL_URL", "")) as fal:
            output = fal.generate(key, generation, on_progress=tell)
    first = output.pictures[0]
    picture.write_bytes(generatio.download(first))
    print(f"saved: {picture} ({first.width}x{first.height})")
    print(f"cost: ${output.cost:f}")


def main() -> int:
    picture, sealed = (sys.argv[1:] + ["picture.png", "sealed-key.txt"][len(sys.argv) - 1 :])[:2]
    try:
        story(Path(picture), Path(sealed))
    except generatio.Error as error:
        print(f"error: {error} ({error.name or error.status})", file=sys.stderr)
        if error.may_have_been_taken:
            print("FAL may have taken the request: look at your account before you try again.", file=sys.stderr)
        return 1
    except (OSError, http.client.HTTPException) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
