"""A stand-in for Amazon Translate: its own backend on moto's core, beside moto's S3, IAM and STS, over real HTTP.

It is stricter than the real service: every constraint of botocore's model, every quota and every rule of the developer
guide that the engine could break is an error here. Time is simulated; failures are switched on one by one.
"""

from __future__ import annotations

from .clock import SimulatedTime, StandInClock
from .server import BUCKET, REGION, ROLE, StandIn

__all__ = ["BUCKET", "REGION", "ROLE", "SimulatedTime", "StandIn", "StandInClock"]
