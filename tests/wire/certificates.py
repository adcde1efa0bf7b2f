"""Certificates for tests, made by the openssl program in a folder of their own.

    pair = certificates.make(folder, "one")     # pair.cert, pair.key: paths; pair.der: bytes
    context = certificates.trust(pair)          # an SSLContext that trusts just this pair
"""
import os
import ssl
import subprocess


class Pair:
    def __init__(self, cert, key):
        self.cert, self.key = cert, key
        with open(cert, encoding="ascii") as file:
            self.der = ssl.PEM_cert_to_DER_cert(file.read())


def make(folder, name):
    """A self-signed certificate for localhost and 127.0.0.1, each one of another key."""
    cert, key = os.path.join(folder, name + "-cert.pem"), os.path.join(folder, name + "-key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return Pair(cert, key)


def trust(*pairs):
    context = ssl.create_default_context()
    for pair in pairs:
        context.load_verify_locations(pair.cert)
    return context
