"""A small HTTP front for Qdrant's engine. It is not Qdrant's server, which no registry has.

What is Qdrant's own here: `qdrant_edge`, the engine of the server as a library, stores the points, checks the filters and
computes the scores; the models of `qdrant_client`, which are generated from the server's OpenAPI description and forbid
unknown fields, check each request. `qdrant_edge` for Python takes True for 1, so conditions on truth values are left out
here, and only the store under test checks them. What is not Qdrant's: the routes, the shape of the answers and the texts of the errors below are
written after the server's documentation.

It prints its URL, and ends with its standard input. An argument is the key that it asks for.
"""

import json
import os
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import qdrant_edge as edge
from pydantic import TypeAdapter, ValidationError
from qdrant_client import models

KEY = sys.argv[1] if len(sys.argv) > 1 else None
FOLDER = tempfile.TemporaryDirectory()
LOCK = threading.Lock()
COLLECTIONS = {}


class Refused(Exception):
    def __init__(self, status, words):
        self.status, self.words = status, words


def condition(given):
    if any(name in given for name in ("must", "should", "must_not")):
        return filter_of(given)
    if "is_empty" in given:
        return edge.IsEmptyCondition(given["is_empty"]["key"])
    if "is_null" in given:
        return edge.IsNullCondition(given["is_null"]["key"])
    match = given["match"]
    if isinstance(match.get("value"), bool):
        return None
    match = edge.MatchAny(match["any"]) if "any" in match else edge.MatchValue(match["value"])
    return edge.FieldCondition(given["key"], match=match)


def filter_of(given):
    if given is None:
        return None
    models.Filter.model_validate(given)
    kinds = {kind: [condition(one) for one in given[kind]] for kind in ("must", "should", "must_not") if kind in given}
    if None in kinds.get("should", []):
        del kinds["should"]
    return edge.Filter(**{kind: [one for one in all if one is not None] for kind, all in kinds.items()})


def selector(given):
    return edge.PayloadSelector.Include(given) if isinstance(given, list) else bool(given)


def checked(model, body):
    TypeAdapter(model).validate_python(body)
    return body


def create(name, body):
    params = checked(models.CreateCollection, body)["vectors"]
    if name in COLLECTIONS:
        raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
    distance = edge.Distance.Cosine if params["distance"] == "Cosine" else None
    config = edge.EdgeConfig(vectors=edge.EdgeVectorParams(size=params["size"], distance=distance))
    folder = os.path.join(FOLDER.name, str(len(COLLECTIONS)))
    COLLECTIONS[name] = edge.EdgeShard.create(folder, config)
    return True


def upsert(shard, body):
    points = checked(models.PointsList, body)["points"]
    points = [edge.Point(point["id"], point["vector"], point["payload"]) for point in points]
    shard.update(edge.UpdateOperation.upsert_points(points))
    return {"operation_id": 0, "status": "completed"}


def delete(shard, body):
    shard.update(edge.UpdateOperation.delete_points(checked(models.PointIdsList, body)["points"]))
    return {"operation_id": 0, "status": "completed"}


def retrieve(shard, body):
    checked(models.PointRequest, body)
    return [{"id": str(point.id)} for point in shard.retrieve(body["ids"], with_payload=False, with_vector=False)]


def query(shard, body):
    checked(models.QueryRequest, body)
    request = edge.QueryRequest(
        limit=body["limit"],
        query=edge.Query.Nearest(body["query"]),
        filter=filter_of(body["filter"]),
        with_payload=selector(body["with_payload"]),
    )
    found = shard.query(request)
    return {"points": [{"id": str(one.id), "version": 0, "score": one.score, "payload": one.payload} for one in found]}


def scroll(shard, body):
    checked(models.ScrollRequest, body)
    request = edge.ScrollRequest(
        offset=body["offset"],
        limit=body["limit"],
        filter=filter_of(body["filter"]),
        with_payload=selector(body["with_payload"]),
        with_vector=False,
    )
    points, following = shard.scroll(request)
    points = [{"id": str(point.id), "payload": point.payload} for point in points]
    return {"points": points, "next_page_offset": None if following is None else str(following)}


def count(shard, body):
    checked(models.CountRequest, body)
    return {"count": shard.count(edge.CountRequest(exact=True))}


ROUTES = {
    ("PUT", "points"): upsert,
    ("POST", "points"): retrieve,
    ("POST", "points/delete"): delete,
    ("POST", "points/query"): query,
    ("POST", "points/scroll"): scroll,
    ("POST", "points/count"): count,
}


class Front(BaseHTTPRequestHandler):
    def answer(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length) or "null")
        if KEY is not None and self.headers.get("api-key") != KEY:
            return self.send(401, b"Invalid API key or JWT", "text/plain")
        parts = url.path.split("/", 3)
        name, path = unquote(parts[2]), parts[3] if len(parts) > 3 else ""
        try:
            with LOCK:
                if (self.command, path) == ("PUT", ""):
                    result = create(name, body)
                elif name not in COLLECTIONS:
                    raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
                else:
                    result = ROUTES[self.command, path](COLLECTIONS[name], body)
            status, answer = 200, {"result": result, "status": "ok", "time": 0.001}
        except (Refused, ValidationError) as error:
            status = getattr(error, "status", 400)
            words = getattr(error, "words", None) or f"Format error in JSON body: {error}"
            answer = {"status": {"error": words}, "time": 0.0}
        except Exception as error:  # those of the engine, such as vectors of another length
            status, answer = 400, {"status": {"error": f"Wrong input: {error}"}, "time": 0.0}
        self.send(status, json.dumps(answer).encode(), "application/json")

    def send(self, status, body, kind):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
os._exit(0)
