"""Serve a folder on localhost, at port 8000 or, where that is taken, at a free one."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(SimpleHTTPRequestHandler):
    """As GitHub Pages does: a missing page shows the folder's own 404.html. Requests are not logged."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.exists():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


def server(folder: str, port: int = 8000) -> ThreadingHTTPServer:
    """A server of ``folder`` that listens on localhost at ``port``, or at a free port where it is taken."""
    handler = partial(Handler, directory=folder)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


if __name__ == "__main__":
    if not Path(sys.argv[1]).is_dir():
        sys.exit(f"There is no folder {sys.argv[1]}: build the book first, with `make html`.")
    with server(sys.argv[1]) as book:
        print(f"The book is at http://127.0.0.1:{book.server_port}/ — stop with Ctrl+C", flush=True)
        try:
            book.serve_forever()
        except KeyboardInterrupt:
            print()
