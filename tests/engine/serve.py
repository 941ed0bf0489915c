"""Serves one GGUF file with llama.cpp's own HTTP server until SIGTERM. Prints "ready" when it answers.

Usage: serve.py MODEL.gguf PORT [KEY]   LLAMA_CTX sets the context that each of the two slots has.
"""

import os
import signal
import sys
import threading

import xllamacpp

SLOTS = 2

# Before the server starts: a signal during the start has to end it as well.
stop = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: stop.set())

model, port, key = sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
params = xllamacpp.CommonParams()
params.model.path = model
params.model_alias = {"tiny-random"}
params.hostnames = ["127.0.0.1"] if isinstance(params.hostnames, list) else {"127.0.0.1"}
params.port = port
params.n_parallel = SLOTS
params.n_ctx = SLOTS * int(os.environ.get("LLAMA_CTX") or "512")
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = True
params.use_jinja = True
if key:
    params.api_keys = [key]

server = xllamacpp.Server(params)
print("ready", flush=True)
stop.wait()
# The server's threads do not end by themselves while a client is connected.
os._exit(0)
