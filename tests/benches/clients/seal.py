"""Milliseconds that OpenSSL takes for the key, and the key, as JSON: `seal.py PASSWORD SALT ITERATIONS`.

By Python's hashlib, and by `openssl kdf`, less what that program takes for one iteration: to start and to end.
"""

import hashlib
import json
import ssl
import statistics
import subprocess
import sys
import time

TIMES = 3


def timed(work):
    began = time.perf_counter()
    made = work()
    return (time.perf_counter() - began) * 1e3, made


def by_hashlib(password, salt, iterations):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), iterations, 32).hex()


def by_program(password, salt, iterations):
    options = ["digest:SHA256", f"pass:{password}", f"salt:{salt}", f"iter:{iterations}"]
    words = [word for option in options for word in ("-kdfopt", option)]
    command = ["openssl", "kdf", "-keylen", "32", *words, "PBKDF2"]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return printed.strip().replace(":", "").lower()


def main(password, salt, iterations):
    asked = (password, salt, int(iterations))
    took = {"hashlib": [], "openssl": []}
    for _ in range(TIMES):
        ms, key = timed(lambda: by_hashlib(*asked))
        took["hashlib"].append(ms)
        ms, other = timed(lambda: by_program(*asked))
        start, _ = timed(lambda: by_program(password, salt, 1))
        took["openssl"].append(ms - start)
        if key != other:
            sys.exit("hashlib and openssl derive different keys")
    medians = {name: statistics.median(figures) for name, figures in took.items()}
    print(json.dumps({**medians, "key": key, "version": ssl.OPENSSL_VERSION}))


if __name__ == "__main__":
    main(*sys.argv[1:])
