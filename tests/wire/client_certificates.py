"""Certificates good and bad, by the openssl command: an authority, what it signed, and others."""
import hashlib
import os
import subprocess


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout


class Authority:
    """Files below folder: NAME.pem, NAME.key, ca.pem."""

    def __init__(self, folder):
        self.folder = folder
        self._key("ca")
        openssl("req", "-x509", "-new", "-key", self.path("ca.key"), "-subj", "/CN=Test Authority", "-days", "30",
                "-out", self.path("ca.pem"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def _key(self, name):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path(f"{name}.key"))

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", start=None, end=None, self_signed=False):
        """NAME.pem for these names; start and end: YYYYMMDDHHMMSSZ."""
        self._key(name)
        config = self.path(f"{name}.cnf")
        with open(config, "w", encoding="utf-8") as file:
            file.write("[ca]\ndefault_ca=one\n[one]\n"
                       f"dir={self.folder}\ndatabase=$dir/{name}.index\nserial=$dir/{name}.serial\nnew_certs_dir=$dir\n"
                       "certificate=$dir/ca.pem\nprivate_key=$dir/ca.key\ndefault_md=sha256\npolicy=any\n"
                       "unique_subject=no\n[any]\ncommonName=supplied\n[req]\ndistinguished_name=dn\n[dn]\n"
                       f"[ext]\nsubjectAltName={names}\n")
        for suffix, text in (("index", ""), ("serial", "01\n")):
            with open(self.path(f"{name}.{suffix}"), "w", encoding="ascii") as file:
                file.write(text)
        request = self.path(f"{name}.csr")
        openssl("req", "-new", "-key", self.path(f"{name}.key"), "-subj", f"/CN={name}", "-config", config, "-out",
                request)
        openssl("ca", "-batch", "-notext", "-config", config, "-extensions", "ext", "-in", request, "-out",
                self.path(f"{name}.pem"), "-startdate", start or "20200101000000Z", "-enddate", end or "20990101000000Z",
                *(["-selfsign", "-keyfile", self.path(f"{name}.key")] if self_signed else []))

    def pin(self, name):
        """SHA-256 of the SubjectPublicKeyInfo, in hexadecimal."""
        pem = openssl("x509", "-in", self.path(f"{name}.pem"), "-pubkey", "-noout")
        return hashlib.sha256(openssl("pkey", "-pubin", "-outform", "der", data=pem)).hexdigest()
