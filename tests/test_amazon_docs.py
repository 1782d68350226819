"""The policies in the documentation allow what the engine does, and no more."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")

from sphinx_amts.engines.amazon import delete_parallel_data, list_parallel_data
from sphinx_amts.engines.amazon.settings import Settings
from sphinx_amts.model import Term
from tests.standin import BUCKET, ROLE, StandIn
from tests.standin.book import pairs
from tests.standin.setup import Make, pipeline, settings

pytest_plugins = ["tests.standin.fixtures"]

PAGE = Path(__file__).parent.parent / "docs" / "amazon.md"
TRUST, ROLE_POLICY, CALLER, LIFECYCLE, KMS = (
    json.loads(block)
    for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8") if PAGE.exists() else "", re.DOTALL)
) if PAGE.exists() else ({}, {}, {}, {}, {})  # fmt: skip

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")


def actions(policy: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for statement in policy["Statement"]:
        named = statement["Action"]
        found.update([named] if isinstance(named, str) else named)
    return found


def test_every_setting_is_documented() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows - {"amts_amazon"} == set(Settings.__dataclass_fields__)


def test_role_of_the_documentation_runs_a_job(standin: StandIn, make_engine: Make) -> None:
    iam = standin.client("iam")
    iam.create_role(RoleName="amts-translate", AssumeRolePolicyDocument=json.dumps(TRUST))
    document = json.dumps(ROLE_POLICY).replace("my-books", BUCKET)
    iam.put_role_policy(RoleName="amts-translate", PolicyName="bucket", PolicyDocument=document)
    engine = make_engine(mode="batch", role_arn=ROLE.replace("translate-data", "amts-translate"))
    assert engine.translate(["Hello."], "en", "zh_CN") == ["zh:Uryyb."]


def test_caller_may_do_what_the_engine_does_and_no_more(standin: StandIn, make_engine: Make, tmp_path: Path) -> None:
    for number in range(2):
        engine = make_engine()
        engine.learn(pairs(3 + number))
        engine.use_terms([Term("a", f"b{number}")])
        engine.translate([f"Hello {number}."], "en", "zh_CN")
    content = next(iter(standin.backend.terminologies.values()))
    standin.backend.terminologies.update({f"other-{number}": content for number in range(98)})
    realtime = make_engine(mode="realtime")
    realtime.use_terms([Term("a", "c")])
    realtime.translate(["Hello."], "en", "zh_CN")
    make_engine("es", mode="realtime", more={"source_language": "de"}).translate(["Hallo."], "de", "es")
    chosen = pipeline(tmp_path, "zh_CN", settings(standin))
    list_parallel_data(chosen, clock=standin.clock)
    delete_parallel_data(chosen, clock=standin.clock)
    used = {f"translate:{request.operation}" for request in standin.requests if request.service == "translate"}
    assert used | {"translate:StopTextTranslationJob"} == {
        name for name in actions(CALLER) if name.startswith("translate")
    }
    s3 = {"ListObjectsV2": "s3:ListBucket", "GetObject": "s3:GetObject", "PutObject": "s3:PutObject"}
    operations = {request.operation for request in standin.requests if request.service == "s3"} - {"PresignedGet"}
    assert {s3[operation] for operation in operations} == {name for name in actions(CALLER) if name.startswith("s3")}
    written = {request.path for request in standin.requests if request.operation == "PutObject"}
    assert all(path.startswith(f"/{BUCKET}/amts/") for path in written)


def test_lifecycle_is_accepted(standin: StandIn) -> None:
    standin.client("s3").put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=LIFECYCLE)
    assert LIFECYCLE["Rules"][0]["Expiration"]["Days"] > 4


def test_key_policy_names_what_the_developer_guide_names() -> None:
    wanted = {"Decrypt", "GenerateDataKey", "CreateGrant", "RetireGrant", "DescribeKey"}
    assert actions(KMS) == {f"kms:{action}" for action in wanted}
    assert KMS["Statement"][0]["Principal"], "a policy of the key itself"
