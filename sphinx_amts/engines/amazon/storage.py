"""The S3 bucket: keys below the prefix, uploads that happen once, downloads."""

from __future__ import annotations

from typing import Any

from sphinx_amts.engines.amazon.service import Service, ServiceError


def split_uri(uri: str) -> tuple[str, str]:
    """Split ``s3://bucket/key`` into bucket and key."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


class Bucket:
    """The engine's part of a bucket."""

    def __init__(self, service: Service) -> None:
        assert service.settings.bucket is not None, "settings and route are checked before a bucket is used"
        self._service = service
        self._name = service.settings.bucket
        self._prefix = service.settings.prefix

    def key(self, *parts: str) -> str:
        """Return the key of *parts* below the prefix."""
        return "/".join((self._prefix, *parts))

    def uri(self, key: str) -> str:
        """Return the address of *key*."""
        return f"s3://{self._name}/{key}"

    def keys(self, prefix: str) -> set[str]:
        """List the keys that begin with *prefix*."""
        return list_keys(self._service, self._name, prefix)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Upload *data*, encrypted with the KMS key of the settings.

        Without one the bucket's own default applies, which S3 never leaves unencrypted; naming ``AES256`` here would
        weaken a bucket whose default is a KMS key.
        """
        encryption: dict[str, Any] = {}
        if self._service.settings.kms_key:
            encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._service.settings.kms_key}
        self._service.call(
            "s3", "put_object", Bucket=self._name, Key=key, Body=data, ContentType=content_type, **encryption
        )

    def get(self, key: str) -> bytes | None:
        """Download *key*; ``None`` if there is none."""
        return fetch(self._service, self._name, key)


def list_keys(service: Service, bucket: str, prefix: str) -> set[str]:
    """List the keys of *bucket* that begin with *prefix*, page by page."""
    found: set[str] = set()
    parameters: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while True:
        page = service.call("s3", "list_objects_v2", **parameters)
        found.update(entry["Key"] for entry in page.get("Contents", ()))
        if not page.get("IsTruncated"):
            return found
        parameters["ContinuationToken"] = page["NextContinuationToken"]


def fetch(service: Service, bucket: str, key: str) -> bytes | None:
    """Download *key* of *bucket*, which need not be the engine's own; ``None`` if there is none."""
    try:
        data: bytes = service.call(
            "s3", "get_object", finish=lambda response: response["Body"].read(), Bucket=bucket, Key=key
        )
    except ServiceError as error:
        if error.code in {"NoSuchKey", "404"}:
            return None
        raise
    return data
