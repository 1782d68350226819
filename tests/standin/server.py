"""The stand-in over HTTP: moto's dispatcher behind a layer that records, throttles, breaks and kills."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import boto3
import regex
from botocore.config import Config
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends
from werkzeug.serving import make_server

from .backend import AUXILIARY_BUCKET, TranslateBackend, register, translate_backends
from .clock import SimulatedTime, StandInClock
from .switches import Switches

ACCOUNT = "123456789012"
REGION = "us-east-1"
BUCKET = "books-to-translate"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/translate-data"
CREDENTIALS = {"aws_access_key_id": "AKIASTANDINSTANDIN00", "aws_secret_access_key": "secret-of-the-stand-in"}


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    service: str
    operation: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes

    @property
    def parameters(self) -> Any:
        """The parameters of a call to Translate."""
        return json.loads(self.body)


class _QuietHandler(MotoRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing: tests read standard error."""


class StandIn:
    """A running stand-in; a context manager."""

    def __init__(self, region: str = REGION) -> None:
        register()
        self.region = region
        self.time = SimulatedTime()
        self.switches = Switches()
        self.requests: list[Request] = []
        self.faults: list[Exception] = []
        """Mistakes of the stand-in itself; a test that sees one fails."""
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._arrived = 0
        self._random = random.Random(1)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> StandIn:
        self._thread.start()
        self.reset()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def clock(self) -> StandInClock:
        return StandInClock(self.endpoint)

    @property
    def backend(self) -> TranslateBackend:
        backend: TranslateBackend = translate_backends[ACCOUNT][self.region]
        return backend

    @property
    def billed(self) -> int:
        """All characters billed so far."""
        return sum(self.backend.billed.values())

    def client(self, service: str) -> Any:
        """An unmodified boto3 client of this stand-in."""
        if service not in self._clients:
            config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
            self._clients[service] = boto3.client(
                service, region_name=self.region, endpoint_url=self.endpoint, config=config, **CREDENTIALS
            )
        return self._clients[service]

    def reset(self) -> None:
        """Begin with an empty account: a bucket, a role, and nothing else."""
        for backends in (s3_backends, iam_backends, sts_backends, translate_backends):
            backends.reset()
        self.time = SimulatedTime()
        self.switches = Switches()
        self.faults.clear()
        TranslateBackend.time = self.time
        TranslateBackend.switches = self.switches
        TranslateBackend.sign = staticmethod(self._sign)
        for name in (BUCKET, AUXILIARY_BUCKET):
            where = {} if self.region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
            self.client("s3").create_bucket(Bucket=name, **where)
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            self.client("s3").put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        self.make_role("translate-data")
        self.forget_requests()

    def make_role(self, name: str, service: str = "translate.amazonaws.com", actions: Iterable[str] = ()) -> str:
        """Create an IAM role as the documentation describes it; return its ARN."""
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        allowed = list(actions) or ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
        access = {
            "Effect": "Allow",
            "Action": allowed,
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        }
        iam = self.client("iam")
        document = {"Version": "2012-10-17", "Statement": [trust]}
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
        policy = {"Version": "2012-10-17", "Statement": [access]}
        iam.put_role_policy(RoleName=name, PolicyName="bucket", PolicyDocument=json.dumps(policy))
        return arn

    def read(self, key: str) -> bytes:
        """The content of *key* in the bucket, whoever wrote it."""
        content: bytes = s3_backends[ACCOUNT]["aws"].get_object(BUCKET, key).value
        return content

    def stored(self) -> list[str]:
        """All keys of the bucket."""
        return sorted(s3_backends[ACCOUNT]["aws"].get_bucket(BUCKET).keys)

    def forget_requests(self) -> None:
        """Empty the record and begin to count anew."""
        with self._lock:
            self.requests.clear()
            self._arrived = 0
            self._random = random.Random(self.switches.seed)

    def calls(self, operation: str) -> list[Request]:
        """The requests for *operation* that were answered with success."""
        return [request for request in self.requests if request.operation == operation and request.status < 300]

    def calls_of(self, service: str) -> list[Request]:
        """The requests to *service* that were answered with success."""
        return [request for request in self.requests if request.service == service and request.status < 300]

    def _sign(self, bucket: str, key: str) -> str:
        url: str = self.client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
        return url

    # -- HTTP ------------------------------------------------------------------------------------------------------

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/standin/"):
            seconds = float(parse_qs(environ["QUERY_STRING"])["seconds"][0])
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(self.time.advance(seconds)).encode()]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        service, operation = _operation(environ)
        with self._lock:
            self._arrived += 1
            number = self._arrived
            chance = self._random.random()
        self._maybe_kill(number, "before")
        captured: dict[str, Any] = {}

        def capture(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            captured["status"], captured["headers"] = status, headers
            return lambda data: None

        refusal = self._refusal(service, operation, chance)
        if refusal is not None:
            captured["status"], captured["headers"], content = refusal
        else:
            # One request at a time: the backend is no more parallel than a single account is consistent.
            try:
                with _BACKEND:
                    content = b"".join(self._moto(environ, capture))
            except Exception as error:
                self.faults.append(error)
                raise
        if self.switches.hide_missing and operation == "GetObject" and captured["status"].startswith("404"):
            captured["status"], captured["headers"] = "403 Forbidden", [("Content-Type", "application/xml")]
            content = _S3_ERROR % b"AccessDenied"
        request = Request(
            service, operation, environ["PATH_INFO"], _headers(environ), body, int(captured["status"][:3]), content
        )
        with self._lock:
            self.requests.append(request)
        self._maybe_kill(number, "after")
        if operation in self.switches.lose_answers_of:
            self.switches.lose_answers_of.discard(operation)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError("the answer is lost")
        start_response(captured["status"], captured["headers"])
        return [content]

    def _refusal(self, service: str, operation: str, chance: float) -> tuple[str, list[tuple[str, str]], bytes] | None:
        switches = self.switches
        code, status, headers = switches.refusals[operation].pop(0) if switches.refusals.get(operation) else ("", 0, {})
        if code:
            body = _S3_ERROR % code.encode() if service == "s3" else json.dumps({"__type": code}).encode()
            return f"{status} Refused", [("Content-Type", _CONTENT_TYPES[service]), *headers.items()], body
        if service == "translate" and chance < switches.throttle:
            body = json.dumps({"__type": "TooManyRequestsException", "message": "slow down"}).encode()
            return "400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")], body
        if service == "s3" and operation != "PresignedGet":
            if chance < switches.throttle:
                return "503 Slow Down", [("Content-Type", "application/xml")], _S3_ERROR % b"SlowDown"
            if chance < switches.s3_errors:
                return "500 Internal Error", [("Content-Type", "application/xml")], _S3_ERROR % b"InternalError"
        return None

    def _maybe_kill(self, number: int, when: str) -> None:
        if self.switches.kill == (number, when) and self.switches.victim:
            os.kill(self.switches.victim, signal.SIGKILL)


_CONTENT_TYPES = {"translate": "application/x-amz-json-1.1", "s3": "application/xml"}
_BACKEND = threading.Lock()
_S3_ERROR = b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code><Message>try again</Message></Error>"


def _operation(environ: dict[str, Any]) -> tuple[str, str]:
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return "translate", target.split(".")[-1]
    scope = regex.search(r"Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    service = scope[1] if scope else "s3"
    if service != "s3":
        return service, environ["REQUEST_METHOD"]
    if not scope:
        return service, "PresignedGet"
    if environ["REQUEST_METHOD"] == "GET":
        return service, "ListObjectsV2" if "list-type=2" in environ["QUERY_STRING"] else "GetObject"
    return service, {"PUT": "PutObject"}.get(environ["REQUEST_METHOD"], environ["REQUEST_METHOD"])


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    }
