"""A small HTTP server that remembers the last visit of every user: python's own heap, and a thread a request."""
import http.server
import socketserver
import sys
import time

visits = {}  # never shortened: users that come once and never again are the leak


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        user = self.path.rsplit("/", 1)[1]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        visits[user] = {"at": time.time(), "path": self.path, "body": body}
        answer = ("welcome %s\n" % user).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True  # else every thread ever started is remembered until the end
    request_queue_size = 64


Server(sys.argv[1], Handler).serve_forever()
