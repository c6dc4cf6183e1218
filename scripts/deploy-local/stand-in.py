"""MiniStack, so that the real stacks can be deployed to it. Everything that it lacks is made up for here.

- Resource types that it rejects are recorded and do nothing (`unproven.json`): deploying them proves nothing.
- What the stacks learn of their databases, caches and search clusters are the addresses of the engines on this
  machine. STAND_IN has them: {"attributes": {TYPE: {ID: {NAME: VALUE}}}, "parameters": {NAME: VALUE},
  "secrets": {NAME: VALUE}}.
- Some of its answers are not those of AWS, and are mended.

Leans on internals of ministack==1.5.33.
"""

import json
import os
import re
import secrets
import string
import uuid

import hypercorn.config
import ministack.app
import ministack.core.lambda_runtime as lambda_runtime
import ministack.services.apigateway as apigateway
import ministack.services.cloudformation.provisioners as provisioners
import ministack.services.route53 as route53
import ministack.services.ssm as ssm
from ministack.core.responses import get_account_id, get_region

hypercorn.config.Config.graceful_timeout = 0.2

GIVEN = json.loads(os.environ["STAND_IN"])
with open(os.environ["STAND_IN_UNPROVEN"], encoding="utf-8") as file:
    UNPROVEN = json.load(file)

handlers = provisioners._RESOURCE_HANDLERS


# --- types that it rejects -----------------------------------------------------------------------


def recorded(form):
    def fill(text, properties, of):
        known = {"hex": secrets.token_hex(8), "uuid": str(uuid.uuid4()), "region": get_region(), "account": get_account_id()}
        return re.sub(r"\{(\w+)\}", lambda found: str({**known, **of, **properties}.get(found[1], found[1])), text)

    def attributes_of(identity, properties):
        return {name: fill(text, properties, {"id": identity}) for name, text in form["attributes"].items()}

    def create(logical_id, properties, stack):
        identity = fill(form["id"], properties, {})
        return identity, attributes_of(identity, properties)

    def update(identity, old, new, stack):
        return identity, attributes_of(identity, new)

    return {"create": create, "update": update, "delete": lambda identity, properties: None}


for kind, form in UNPROVEN.items():
    handlers.setdefault(kind, recorded(form))


# Alarms of more than one metric: it keeps those of one.
alarms = handlers["AWS::CloudWatch::Alarm"]


def or_recorded(handle, step):
    several = recorded(UNPROVEN["AWS::CloudWatch::Alarm"])[step]

    def answer(*arguments, **named):
        properties = arguments[2] if step == "update" else arguments[1]
        return several(*arguments[:4]) if properties.get("Metrics") else handle(*arguments, **named)

    return answer


for step in ("create", "update", "delete"):
    if step in alarms:
        alarms[step] = or_recorded(alarms[step], step)

# Records of a zone that is given in AWS.
records = handlers["AWS::Route53::RecordSet"]
create_record = records["create"]


def create_record_in_zone(logical_id, properties, stack):
    zone = properties["HostedZoneId"]
    if zone not in route53._zones:
        route53._zones[zone] = {
            "id": zone,
            "name": properties["Name"].rstrip(".") + ".",
            "caller_reference": zone,
            "comment": "",
            "private": False,
            "vpcs": [],
        }
        route53._records[zone] = []
    return create_record(logical_id, properties, stack)


records["create"] = create_record_in_zone

# --- attributes that it does not return --------------------------------------------------------------

LACKING = {
    "AWS::EC2::VPCEndpoint": lambda identity: {"DnsEntries": [f"ZSTANDIN:{identity}.endpoint.invalid"]},
}


def with_lacking(handle, lacking):
    def answer(*arguments, **named):
        identity, attributes = handle(*arguments, **named)[:2]
        known = {name: value for name, value in (attributes or {}).items() if value}
        return identity, {**(attributes or {}), **lacking(identity), **known}

    return answer


for kind, lacking in LACKING.items():
    for step in ("create", "update"):
        if step in handlers[kind]:
            handlers[kind][step] = with_lacking(handlers[kind][step], lacking)


# --- addresses of this machine's engines -----------------------------------------------------------


def with_attributes(handle, given):
    def answer(*arguments, **named):
        identity, attributes = handle(*arguments, **named)[:2]
        return identity, {**(attributes or {}), **given.get(identity, {})}

    return answer


for kind, given in GIVEN["attributes"].items():
    for step in ("create", "update"):
        if step in handlers[kind]:
            handlers[kind][step] = with_attributes(handlers[kind][step], given)

put_parameter = ssm._put_parameter


def put_given_parameter(data):
    value = GIVEN["parameters"].get(data.get("Name"))
    return put_parameter(data if value is None else {**data, "Value": value})


ssm._put_parameter = put_given_parameter

secret_string = provisioners._sm_secret_string


def given_or_generated(properties):
    generated = properties.get("GenerateSecretString") or {}
    if generated.get("ExcludePunctuation"):
        # It generates punctuation all the same.
        generated = {**generated, "ExcludeCharacters": string.punctuation}
        properties = {**properties, "GenerateSecretString": generated}
    return GIVEN["secrets"].get(properties.get("Name")) or secret_string(properties)


provisioners._sm_secret_string = given_or_generated


# --- answers that are not those of AWS --------------------------------------------------------------

# A failed function is 500 to the caller of an HTTP API, without its error.
invoke_proxy = apigateway._invoke_lambda_proxy


async def invoke(*arguments, **named):
    answer = await invoke_proxy(*arguments, **named)
    if answer and answer[0] == 502:
        return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'
    return answer


apigateway._invoke_lambda_proxy = invoke

# A function that prints nothing is not waited for.
lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.004, 0.002, 0.05)

# `/health` belongs to the APIs.
ministack.app._HEALTH_PATHS = tuple(path for path in ministack.app._HEALTH_PATHS if path != "/health")

if __name__ == "__main__":
    ministack.app.main()
