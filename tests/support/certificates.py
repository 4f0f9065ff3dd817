"""Make a certificate authority, and what it signs for each role on a Dask cluster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_ROLES = ("scheduler", "worker", "client")


def write_certificates(folder: Path) -> dict[str, str]:
    """Write an authority and a certificate for each role; return their paths by Dask's settings."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _sign("ca", "ca", authority_key, authority_key)
    files = {"ca-file": authority.public_bytes(Encoding.PEM)}
    for role in _ROLES:
        key = ec.generate_private_key(ec.SECP256R1())
        files[f"{role}.cert"] = _sign(role, "ca", key, authority_key).public_bytes(Encoding.PEM)
        files[f"{role}.key"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, data in files.items():
        (folder / f"{name}.pem").write_bytes(data)
    return {f"distributed.comm.tls.{name}": str(folder / f"{name}.pem") for name in files}


def to_environment(settings: dict[str, str]) -> dict[str, str]:
    """Return the variables by which a process is given settings of Dask."""
    return {
        f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": value
        for name, value in settings.items()
    }


def _sign(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    now = datetime.now(UTC)
    constraints = x509.BasicConstraints(ca=name == issuer, path_length=None)
    return (
        x509.CertificateBuilder()
        .subject_name(_make_name(name))
        .issuer_name(_make_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(constraints, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def _make_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
