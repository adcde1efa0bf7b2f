#!/usr/bin/env python3
"""libleggio-client: whom it trusts (scenario 19 of the protocol's reference): wrong certificates are
refused with a clear text, with the test switch accepted, and loudly so."""
import ssl
import tempfile
import warnings

from client_certificates import Authority
from client_probe import Probe, main
from harness import check, equal
from wsserver import WsServer

FOLDER = tempfile.TemporaryDirectory(prefix="leggio-tls-")
AUTHORITY = Authority(FOLDER.name)
AUTHORITY.issue("good")
AUTHORITY.issue("expired", end="20210101000000Z")
AUTHORITY.issue("early", start="20980101000000Z")
AUTHORITY.issue("other", names="DNS:other.example,IP:127.0.0.2")
AUTHORITY.issue("wild", names="DNS:*.example,DNS:local*")
AUTHORITY.issue("self", self_signed=True)
AUTHORITY.issue("client", names="DNS:client")
CA = AUTHORITY.path("ca.pem")


def context(name, **options):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(AUTHORITY.path(f"{name}.pem"), AUTHORITY.path(f"{name}.key"))
    for key, value in options.items():
        setattr(made, key, value)
    return made


def refused(name, word, host="127.0.0.1", **options):
    """The client does not connect and says word."""
    with WsServer(tls=context(name)) as server:
        with Probe(server.uri.replace("127.0.0.1", host), **options) as probe:
            line = None
            if options.get("tls_do_not_validate"):
                probe.expect_all("log WARNING")
            probe.do("connect")
            try:
                server.accept().read_head()
                raise AssertionError(f"{name}: the client speaks to it")
            except (ssl.SSLError, OSError, EOFError):
                pass
            except Exception as gone:  # it closed before it said anything
                check(type(gone).__name__ == "Gone", gone)
            reason, _ = probe.expect_all("event failed", "done connect -5")
            check(word in reason, name, reason, line)
            probe.close()


def accepted(name, host="127.0.0.1", warns=False, **options):
    with WsServer(tls=context(name)) as server:
        with Probe(server.uri.replace("127.0.0.1", host), start=False, **options) as probe:
            if warns:
                check("NOT validated" in probe.expect("log WARNING"), "a loud warning")
            probe.expect("ready")
            probe.do("connect")
            peer = server.open()
            probe.expect_all("event connected", "done connect 0")
            equal(peer.sock.version() in ("TLSv1.2", "TLSv1.3"), True, peer.sock.version())
            probe.do("request a version")
            peer.answer(peer.recv_method("version"), {"version": 1})
            probe.expect("answer a 0 0")
            probe.close()
            equal(peer.wait_gone(), 1000)


def case_good_certificate():
    accepted("good", tls_ca_file=CA)
    accepted("good", host="localhost", tls_ca_file=CA)


def case_unknown_authority():
    refused("good", "unable to get local issuer certificate")
    refused("self", "self-signed certificate", tls_ca_file=CA)


def case_self_signed_certificate_may_be_the_authority_itself():
    accepted("self", tls_ca_file=AUTHORITY.path("self.pem"))


def case_expired_and_not_yet_valid():
    refused("expired", "certificate has expired", tls_ca_file=CA)
    refused("early", "certificate is not yet valid", tls_ca_file=CA)


def case_other_host_name():
    refused("other", "it is not for 127.0.0.1", tls_ca_file=CA)
    refused("other", "it is not for localhost", host="localhost", tls_ca_file=CA)
    refused("wild", "it is not for localhost", host="localhost", tls_ca_file=CA)


def case_pin():
    accepted("good", tls_ca_file=CA, tls_pin_sha256=AUTHORITY.pin("good"))
    accepted("good", tls_ca_file=CA, tls_pin_sha256=AUTHORITY.pin("good").upper())
    refused("good", "its key is not the pinned one", tls_ca_file=CA, tls_pin_sha256=AUTHORITY.pin("self"))
    refused("good", "unable to get local issuer", tls_pin_sha256=AUTHORITY.pin("good"))


def case_without_validation_anything_goes_and_is_said():
    for name in ("self", "expired", "other"):
        accepted(name, warns=True, tls_do_not_validate=1)


def case_without_validation_the_pin_still_counts():
    accepted("self", warns=True, tls_do_not_validate=1, tls_pin_sha256=AUTHORITY.pin("self"))
    with WsServer(tls=context("self")) as server, \
            Probe(server.uri, start=False, tls_do_not_validate=1, tls_pin_sha256=AUTHORITY.pin("good")) as probe:
        probe.expect("log WARNING")
        probe.expect("ready")
        probe.do("connect")
        try:
            server.accept()
        except (ssl.SSLError, OSError):
            pass
        reason, _ = probe.expect_all("event failed", "done connect -5")
        check("its key is not the pinned one" in reason, reason)


def case_client_certificate():
    made = context("good", verify_mode=ssl.CERT_REQUIRED)
    made.load_verify_locations(CA)
    with WsServer(tls=made) as server:
        with Probe(server.uri, tls_ca_file=CA, tls_cert_file=AUTHORITY.path("client.pem"),
                   tls_key_file=AUTHORITY.path("client.key")) as probe:
            probe.do("connect")
            peer = server.open()
            probe.expect_all("event connected", "done connect 0")
            equal(dict(part[0] for part in peer.sock.getpeercert()["subject"])["commonName"], "client")
            probe.close()
            peer.drop()
        with Probe(server.uri, tls_ca_file=CA) as probe:
            probe.do("connect")
            try:
                server.accept().handshake()
                raise AssertionError("connected without a certificate")
            except Exception as error:
                check(not isinstance(error, AssertionError), error)
            probe.expect_all("event failed", "done connect -5")


def case_old_tls_is_refused():
    made = context("good")
    warnings.simplefilter("ignore")  # it is old on purpose
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_1
    made.set_ciphers("ALL:@SECLEVEL=0")
    with WsServer(tls=made) as server, Probe(server.uri, tls_ca_file=CA) as probe:
        probe.do("connect")
        try:
            server.accept()
        except (ssl.SSLError, OSError):
            pass
        probe.expect_all("event failed", "done connect -5")


def case_server_without_tls_and_half_a_handshake():
    with WsServer() as server:
        with Probe(f"wss://127.0.0.1:{server.port}/", tls_ca_file=CA, connection_timeout_ms=500) as probe:
            probe.do("connect")
            peer = server.accept()
            peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            probe.expect_all("event failed", "done connect -5")
            probe.do("connect")
            silent = server.accept()
            reason, _ = probe.expect_all("event failed", "done connect -5")
            check("no answer from the server in 500 ms" in reason, reason)
            silent.drop()
            peer.drop()
            probe.do("connect")
            half = server.accept()
            half.send(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76")  # a greeting that stops
            probe.do("close 0")
            probe.expect_all("event disconnected closed", "done connect -3", "done close 0")
            half.drop()


def case_files_that_are_not_there():
    for name, options in (("tls_ca_file", {"tls_ca_file": "/nowhere.pem"}), ("tls_ca_file", {"tls_ca_file": __file__}),
                          ("tls_cert_file", {"tls_cert_file": "/nowhere.pem", "tls_key_file": "/nowhere.key"}),
                          ("tls_key_file", {"tls_cert_file": AUTHORITY.path("client.pem"),
                                            "tls_key_file": AUTHORITY.path("good.key")})):
        told = Probe("wss://127.0.0.1/", start=False, **options).expect("refused")
        check(told.startswith(name), options, told)


def case_reconnection_validates_again():
    with WsServer(tls=context("good")) as server, Probe(server.uri, tls_ca_file=CA, reconnection_limit_ms=0) as probe:
        probe.do("connect")
        peer = server.open()
        probe.expect_all("event connected", "done connect 0")
        server.tls = context("other")
        peer.drop()
        probe.expect("event reconnecting")
        try:
            server.accept()
        except (ssl.SSLError, OSError):
            pass
        check("it is not for 127.0.0.1" in probe.expect("event disconnected"), "reason")


if __name__ == "__main__":
    main(globals())
