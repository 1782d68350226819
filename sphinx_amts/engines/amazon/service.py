"""The one door to AWS: clients from the user's usual configuration, retries, and errors that say what to do.

No credential is read, stored or logged here: boto3 finds them as it does for any other program. Retries are ours and
not botocore's, because a wait must end when the user interrupts, must run on the engine's clock, and must slow down all
threads of the engine at once when the service throttles. Decisions rest on error codes, never on HTTP statuses, which
the service model and older documentation give differently.
"""

from __future__ import annotations

import functools
import logging
import random
import threading
from collections.abc import Callable
from typing import Any

from sphinx_amts.engines.amazon.clock import Clock
from sphinx_amts.engines.amazon.settings import Settings
from sphinx_amts.model import ConfigurationError, EngineError

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")

PATIENCE = 900.0
"""Seconds of waiting after which a call that is throttled or fails on the service's side is given up."""
LONGEST_WAIT = 20.0
"""Longest wait in seconds between two attempts, unless the service asks for a longer one."""

THROTTLED = frozenset(
    {
        "TooManyRequestsException",
        # What other services and gateways call it, as botocore's own retries have it.
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "PriorRequestNotComplete",
        "SlowDown",
        "429",
        "503",
    }
)
TRANSIENT = frozenset(
    {
        "InternalServerException",
        "ServiceUnavailableException",
        "InternalError",
        "InternalFailure",
        "ServiceUnavailable",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "OperationAborted",
        "500",
        "502",
        "504",
    }
)
CREDENTIALS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "TokenRefreshRequired",
    }
)
FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})

_ELSEWHERE = frozenset({"AuthorizationHeaderMalformed", "PermanentRedirect", "301"})

_SESSIONS = threading.Lock()


class ServiceError(EngineError):
    """A call that AWS refused for good."""

    def __init__(self, operation: str, code: str, text: str, remedy: str) -> None:
        super().__init__(f"Amazon refused {operation} ({code}): {text.rstrip('. ')}. {remedy}")
        self.code = code
        self.may_have_arrived = False
        """Whether an earlier attempt of the same call got no clear answer, so that it may have been carried out."""


class InterruptedRunError(EngineError):
    """The user ended the run; what was started is on record and is picked up by the next one."""


class Service:
    """Calls of one language's engine; usable from several threads."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.cancelled = threading.Event()
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._delay = 0.0

    def client(self, name: str) -> Any:
        """Return the boto3 client called *name* (``translate``, ``s3``), made at the first use."""
        with self._lock:
            if self._session is None:
                self._session = _make_session(self.settings)
            if name not in self._clients:
                self._clients[name] = _make_client(self._session, name, self.settings)
            return self._clients[name]

    @property
    def region(self) -> str:
        """The region that calls go to."""
        return str(self.client("translate").meta.region_name)

    def sleep(self, seconds: float) -> None:
        """Wait on the engine's clock; raise :class:`InterruptedRunError` as soon as the run is cancelled."""
        self._check_cancelled()
        self.clock.sleep(seconds, self.cancelled)
        self._check_cancelled()

    def _check_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise InterruptedRunError("Amazon Translate: the run was interrupted. Run the same command again to go on.")

    def call(
        self,
        client: str,
        operation: str,
        finish: Callable[[Any], Any] | None = None,
        retry: frozenset[str] = frozenset(),
        **parameters: Any,
    ) -> Any:
        """Call *operation*, as boto3 spells it, and return its response, or what *finish* makes of that.

        Throttling, faults of the service, broken connections and the codes in *retry* are tried again for up to
        :data:`PATIENCE` seconds; *finish* runs inside that loop, so that a download that breaks off is one of them.
        Raises :class:`ServiceError` with the code for a refusal, :class:`EngineError` for anything else.
        """
        function = getattr(self.client(client), operation)
        waited = 0.0
        delay = 0.5
        unclear = False
        while True:
            self._check_cancelled()
            if self._delay:
                self.sleep(self._delay)
            try:
                response = function(**parameters)
                result = finish(response) if finish is not None else response
            except _botocore_errors() as error:
                try:
                    throttled = self._judge(error, operation, waited, retry)
                except ServiceError as refusal:
                    refusal.may_have_arrived = unclear
                    raise
                unclear = unclear or not throttled
                # Every thread of the engine slows down, and speeds up again as calls succeed.
                self._delay = min(2.0, max(0.05, self._delay * 2)) if throttled else self._delay
                asked = _retry_after(error)
            else:
                self._delay = self._delay / 2 if self._delay > 0.05 else 0.0
                return result
            pause = delay * random.uniform(0.5, 1.0) + asked  # noqa: S311 - spreads threads, is no secret
            logger.debug("%s is tried again in %.1f s", operation, pause)
            self.sleep(pause)
            waited += pause
            delay = min(LONGEST_WAIT, delay * 2)

    @staticmethod
    def _judge(error: Exception, operation: str, waited: float, retry: frozenset[str]) -> bool:
        """Raise what *error* means to the user unless it is worth another try; tell whether it is throttling."""
        from botocore import exceptions
        from botocore.parsers import ResponseParserError

        if isinstance(error, exceptions.ClientError):
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code not in THROTTLED | TRANSIENT | retry or waited > PATIENCE:
                raise _refusal(operation, code, error) from error
            return code in THROTTLED
        broken = (
            exceptions.HTTPClientError,
            exceptions.ConnectionError,
            exceptions.IncompleteReadError,
            ResponseParserError,
        )
        if not isinstance(error, broken):
            raise EngineError(f"Amazon Translate ({operation}): {str(error).rstrip('. ')}. {_CONFIGURE}") from error
        if waited > PATIENCE / 10:
            raise EngineError(f"No connection to Amazon ({operation}): {error}. Run again later.") from error
        return False


def _botocore_errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    # An answer that breaks off, or comes from a proxy, is no error of botocore's own kind.
    return (BotoCoreError, ClientError, ResponseParserError)


def _retry_after(error: Exception) -> float:
    """Return the seconds that an answer asks to wait; 0 if it does not."""
    response = getattr(error, "response", None) or {}
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    seconds = str(headers.get("retry-after", ""))
    return min(float(seconds), PATIENCE) if seconds.isdecimal() else 0.0


_CONFIGURE = (
    "Check the AWS configuration (profile, region, credentials); `aws sts get-caller-identity` shows who you are."
)


@functools.cache
def _descriptions(data_path: str | None) -> Any:
    """What botocore knows of services and endpoints; read once, as it takes longer than all else that a client needs."""
    from botocore.loaders import create_loader

    return create_loader(data_path)


def _make_session(settings: Settings) -> Any:
    import boto3
    from botocore.exceptions import BotoCoreError, ProfileNotFound
    from botocore.session import Session

    try:
        # Reading the configuration is not safe in several threads at once.
        with _SESSIONS:
            core = Session(profile=settings.profile)
            core.register_component("data_loader", _descriptions(core.get_config_variable("data_path")))
            session = boto3.Session(botocore_session=core, region_name=settings.region)
    except ProfileNotFound as error:
        raise ConfigurationError(f"amts_amazon['profile'] = {settings.profile!r}: {error}.") from error
    except BotoCoreError as error:
        raise EngineError(f"Amazon Translate: {error} {_CONFIGURE}") from error
    if session.region_name is None:
        raise ConfigurationError(
            "amts_amazon['region'] is not set and the AWS configuration has none. "
            "Set it to a region such as 'us-east-1'."
        )
    return session


def _make_client(session: Any, name: str, settings: Settings) -> Any:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    options: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "read_timeout": 120, "connect_timeout": 20}
    if settings.endpoint_url:
        # A stand-in has no DNS name for each bucket.
        options["s3"] = {"addressing_style": "path"}
    try:
        with _SESSIONS:
            return session.client(name, endpoint_url=settings.endpoint_url, config=Config(**options))
    except (BotoCoreError, ValueError) as error:
        raise EngineError(f"Amazon Translate: {error} {_CONFIGURE}") from error


_S3_ACTIONS = {"list_objects_v2": "s3:ListBucket", "get_object": "s3:GetObject", "put_object": "s3:PutObject"}
_REMEDIES = {
    "NotAuthorizedException": "The region may not offer this: try another one in amts_amazon['region'], with its own "
    "bucket.",
    "NoSuchBucket": "Create the bucket, in the region of the jobs, or correct amts_amazon['bucket'].",
    "UnsupportedLanguagePairException": "Choose another engine for this language in amts_languages.",
    **dict.fromkeys(CREDENTIALS, _CONFIGURE),
    **dict.fromkeys(
        _ELSEWHERE,
        "The bucket must be in the region of the jobs: correct amts_amazon['region'] or amts_amazon['bucket'].",
    ),
    **dict.fromkeys(THROTTLED | TRANSIENT, "The service did not recover in time; run the same command again later."),
}
"""Error code to what the user can do."""


def _action(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


def _refusal(operation: str, code: str, error: Any) -> ServiceError:
    text = str(error.response.get("Error", {}).get("Message", "")) or str(error)
    return ServiceError(_action(operation), code, text, _remedy(operation, code))


def _remedy(operation: str, code: str) -> str:
    if code in FORBIDDEN:
        # The name of an action in a policy, which S3 does not call as it calls the operation.
        allowed = _S3_ACTIONS.get(operation, f"translate:{_action(operation)}")
        if operation == "start_text_translation_job":
            allowed += ", and iam:PassRole for amts_amazon['role_arn'],"
        return (
            f"Allow {allowed} to the user or role that runs this; the documentation of the engine lists every action."
        )
    if code in _REMEDIES:
        return _REMEDIES[code]
    if operation == "start_text_translation_job":
        return "Correct what is named in amts_amazon (role_arn, bucket, region, kms_key), then run again."
    return "Correct the cause, then run again."


def quietly(service: Service, operation: str, **parameters: Any) -> bool:
    """Call *operation* of the translate client once, in a run that is ending; return whether it succeeded."""
    try:
        getattr(service.client("translate"), operation)(**parameters)
    except _botocore_errors() as error:
        logger.debug("%s: %s", operation, error)
        return False
    return True
