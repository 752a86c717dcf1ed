"""Takes what is posted to ADDRESS:PORT, and prints each body as a line."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(body.decode().replace("\n", " "), flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


address, port = sys.argv[1:]
server = HTTPServer((address, int(port)), Handler)
print("ready", flush=True)
server.serve_forever()
