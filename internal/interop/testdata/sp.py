"""pysaml2 as a service: one command a run, what it needs and what it says as JSON.

It keeps between runs what a service keeps between requests: what it asked and who is signed in.
"""
import json
import sys

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_PAOS, SAMLError
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.ecp import ecp_auth_request
from saml2.ecp_client import Client as Program
from saml2.metadata import entity_descriptor
from saml2.response import StatusError, authn_response
from saml2.saml import NAMEID_FORMAT_PERSISTENT, name_id_from_string
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

BINDINGS = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST}


def configuration(said):
    keys = [{"key_file": said["key"], "cert_file": said["cert"]}] if said["encrypted"] else []
    return SPConfig().load({
        "entityid": said["site"] + "/metadata",
        "allow_unknown_attributes": True,
        "key_file": said["key"],
        "cert_file": said["cert"],
        "encryption_keypairs": keys,
        "metadata": {"local": [said["metadata"]]} if said["metadata"] else {},
        "accepted_time_diff": 60,
        "service": {"sp": {
            "authn_requests_signed": said["signed"],
            "logout_requests_signed": True,
            "want_assertions_signed": said["want"] in ("assertion", "both"),
            "want_response_signed": said["want"] in ("response", "both"),
            "name_id_format": [NAMEID_FORMAT_PERSISTENT],
            "signing_algorithm": SIG_RSA_SHA256,
            "digest_algorithm": DIGEST_SHA256,
            "endpoints": {
                "assertion_consumer_service": [
                    (said["site"] + "/acs", BINDING_HTTP_POST),
                    (said["site"] + "/paos", BINDING_PAOS),
                ],
                "single_logout_service": [
                    (said["site"] + "/slo", BINDING_HTTP_REDIRECT),
                    (said["site"] + "/slo", BINDING_HTTP_POST),
                ],
            },
        }},
    })


def sent(info):
    """How a browser takes a message: an address, or a page with a form."""
    headers = dict(info["headers"])
    return {"location": headers.get("Location", ""), "page": "" if "Location" in headers else info["data"]}


class Carrier(Program):
    """The library's program for people without a browser. It keeps what it is answered as it came: what it writes anew bears
    its signature no more."""
    def send(self, url, method="GET", **kwargs):
        self.answer = super().send(url, method, **kwargs)
        return self.answer


def carry(client, said):
    """A program that wants the service takes its request to the gateway, with a password."""
    request_id, envelope = ecp_auth_request(client, said["idp"], "inside", sign=False)
    program = Carrier(said["login"], said["password"], config=client.config)
    program.metadata = client.metadata
    asked = program.parse_sp_ecp_response(program.parse_soap_message(envelope))
    try:
        program.phase2(idp_entity_id=said["idp"], **asked)
    except SAMLError as refused:
        return {"status": program.answer.status_code, "refused": str(refused)}
    return dict(taken(client, program.answer.text, request_id), status=program.answer.status_code)


def taken(client, envelope, request_id):
    """The service reads what the program brings: the message in the body, as it came."""
    message = envelope.partition("<soap:Body>")[2].partition("</soap:Body>")[0]
    answer = authn_response(
        client.config, client.service_urls(BINDING_PAOS), {request_id: "inside"}, timeslack=60,
        allow_unsolicited=False, want_assertions_signed=True)
    answer.allow_unknown_attributes = True
    try:
        answer.loads(message, False)
        answer.verify()
    except StatusError as no:
        return {"no": type(no).__name__}
    return {"issuer": answer.issuer(), "attributes": answer.ava, "format": answer.name_id.format}


def main(command, said):
    config = configuration(said)
    if command == "metadata":
        return {"metadata": str(entity_descriptor(config))}
    client = Saml2Client(config)
    binding = BINDINGS[said["binding"]]
    if command == "ask":
        request_id, info = client.prepare_for_authenticate(
            entityid=said["idp"], relay_state="inside", binding=binding, sign=True,
            sigalg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256)
        return dict(sent(info), id=request_id)
    if command == "read":
        answer = client.parse_authn_request_response(said["message"], BINDING_HTTP_POST, {said["id"]: "inside"})
        return {
            "issuer": answer.issuer(), "attributes": answer.ava, "name": str(answer.name_id),
            "session": answer.session_info()["session_index"],
        }
    if command == "carry":
        return carry(client, said)
    if command == "leave":
        address = client.metadata.single_logout_service(said["idp"], binding, "idpsso")[0]["location"]
        request_id, request = client.create_logout_request(
            address, said["idp"], name_id=name_id_from_string(said["name"]), session_indexes=[said["session"]],
            sign=binding == BINDING_HTTP_POST, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256)
        info = client.apply_binding(
            binding, str(request), address, "outside", sign=binding == BINDING_HTTP_REDIRECT, sigalg=SIG_RSA_SHA256)
        return dict(sent(info), id=request_id)
    if command == "left":
        answer = client.parse_logout_request_response(said["message"], binding)
        return {"status": answer.status_ok(), "to": answer.in_response_to}
    raise SystemExit("unknown command")


print(json.dumps(main(sys.argv[1], json.load(sys.stdin))))
