"""The Prefect server of an embedded run, on a socket that listens already, so that nobody else can take its port.

`uvicorn --fd` does the same, but takes the socket for one of Unix, whose connections then wait for full packets.
"""

from __future__ import annotations

import socket
import sys

import uvicorn

if __name__ == "__main__":
    config = uvicorn.Config("prefect.server.api.server:create_app", factory=True, lifespan="on", log_level="error")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
