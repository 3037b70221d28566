"""One call of FAL's own Python client for each line of input: `python lag.py URL`.

A line is a prompt. The answer to it is a line of JSON: when the call began and returned, microseconds since 1970.
"""

import json
import sys
import time

import fal_client
import httpx

stand_in = httpx.URL(sys.argv[1])
real = httpx.HTTPTransport.handle_request


def to_stand_in(transport, request):
    # The client is left as it is and believes it speaks with FAL, down to the Host header; only the socket leads
    # elsewhere.
    request.url = request.url.copy_with(scheme="http", host=stand_in.host, port=stand_in.port)
    return real(transport, request)


httpx.HTTPTransport.handle_request = to_stand_in
client = fal_client.SyncClient(key="bench:secret")

for line in sys.stdin:
    arguments = {"prompt": line.rstrip("\n"), "image_size": "square", "num_images": 1}
    began_us = time.time_ns() // 1000
    result = client.subscribe("fal-ai/flux/schnell", arguments)
    returned_us = time.time_ns() // 1000
    if len(result["images"]) != 1:
        raise ValueError(f"no picture: {result}")
    print(json.dumps({"began_us": began_us, "returned_us": returned_us}), flush=True)
