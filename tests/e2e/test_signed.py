"""Signed folders: who may sign, what is refused unsigned, and what is said of it."""
import base64
import subprocess

import pytest

A, B = "CREATE TABLE a (n INTEGER);\n", "CREATE TABLE b (n INTEGER);\n"
FOLDER = {"0001_a.sql": A, "0001_a_down.sql": "DROP TABLE a;\n"}


def pem(kind, der):
    return f"-----BEGIN {kind} KEY-----\n{base64.b64encode(der).decode()}\n-----END {kind} KEY-----\n"


# RFC 8032, 7.1, TEST 1 and 2, as PKCS 8 and SubjectPublicKeyInfo (RFC 8410).
ONE, TWO = (pem("PRIVATE", bytes.fromhex("302e020100300506032b657004220420" + seed)) for seed in (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
ONE_RAW = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
ONE_DER = bytes.fromhex("302a300506032b6570032100") + ONE_RAW
ONE_PUB = pem("PUBLIC", ONE_DER)
ONE_PRINT = "sha256:06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9"
TWO_PRINT = "sha256:deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170"
DEMAND = ("--verify-key", "one.pub")

sqlite = pytest.mark.engines("sqlite")


@pytest.fixture
def keys(db, godwit):
    godwit.folder(FOLDER)
    for name, text in {"one.pem": ONE, "two.pem": TWO, "one.pub": ONE_PUB}.items():
        godwit.write(name, text)
    return godwit


@pytest.fixture
def signed(keys):
    keys.run("hash", "--sign", "one.pem").expect(0, out_contains=["migrations/godwit.sum", "migrations/godwit.sum.sig"],
                                                 err_contains=f"signed with {ONE_PRINT}")
    return keys


def applied(db):
    """What the history says; of a database that nothing was written to: nothing."""
    return [" ".join(row) for row in db.query("SELECT version, state FROM godwit_history ORDER BY id")] if db.tables() else []


def refused_everywhere(godwit, db, *texts, history):
    """Every command that would write, before it connects; those that look say it too."""
    for command in (["up"], ["up", "--pretend"], ["down"], ["redo"], ["baseline"], ["resolve", "1", "--applied"], ["db", "reset", "--yes"],
                    ["validate"], ["verify"]):
        godwit.run(*command, *DEMAND).expect(3, err_contains=[*texts, "a signed folder is demanded by verify_key: flag"])
    godwit.run("status", *DEMAND).expect(0, err_contains=texts[0])
    assert applied(db) == history


def test_a_signed_folder_is_applied_and_reverted_where_that_is_demanded(signed, db):
    signed.run("validate", *DEMAND).expect(0)
    signed.run("up", *DEMAND).expect(0, out_contains="applied 0001 a")
    signed.run("redo", *DEMAND).expect(0)
    signed.run("verify", *DEMAND).expect(0)
    signed.run("down", *DEMAND).expect(0, out_contains="reverted 0001 a")
    assert signed.run("hash", "--sign", "one.pem").expect(0, err_contains="as it should be").out == ""


@sqlite
def test_openssl_reads_the_signature_as_its_own(signed):
    folder = signed.cwd / "migrations"
    first, second = (folder / "godwit.sum.sig").read_text().splitlines()
    assert first == f"godwit-signature ed25519 {ONE_PRINT}"
    (signed.cwd / "raw").write_bytes(base64.b64decode(second))
    subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "one.pub", "-rawin", "-in", folder / "godwit.sum", "-sigfile", "raw"],
                   cwd=signed.cwd, check=True, capture_output=True)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "own.pem"], cwd=signed.cwd, check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", "own.pem", "-pubout", "-out", "own.pub"], cwd=signed.cwd, check=True, capture_output=True)
    signed.run("hash", "--sign", "own.pem").expect(0, out_contains="godwit.sum.sig")
    signed.run("validate", "--verify-key", "own.pub").expect(0)
    signed.run("validate", *DEMAND).expect(3, err_contains="another key")


@sqlite
def test_without_a_sum_file_nothing_is_applied(keys, db):
    refused_everywhere(keys, db, "migrations has no sum file", "godwit hash --sign KEY", history=[])
    keys.run("up").expect(0)


@sqlite
def test_without_a_signature_nothing_is_applied(keys, db):
    keys.run("hash").expect(0)
    refused_everywhere(keys, db, "migrations/godwit.sum is not signed: there is no migrations/godwit.sum.sig", history=[])
    keys.run("up").expect(0)


@sqlite
def test_what_was_changed_and_hashed_again_is_not_signed(signed, db):
    signed.run("up", *DEMAND).expect(0)
    signed.write("migrations/0002_b.sql", B)
    signed.run("hash").expect(0, out_contains="godwit.sum", err_contains="migrations/godwit.sum.sig does not fit any longer")
    refused_everywhere(signed, db, "the signature migrations/godwit.sum.sig does not fit migrations/godwit.sum", "look at what was changed",
                       history=["0001 applied"])
    signed.run("hash", "--sign", "one.pem").expect(0, out_contains="migrations/godwit.sum.sig")
    signed.run("up", *DEMAND).expect(0, out_contains="applied 0002 b")


@sqlite
def test_what_another_key_signed_is_refused_with_both_fingerprints(keys, db):
    keys.run("hash", "--sign", "two.pem").expect(0)
    refused_everywhere(keys, db, "signed with another key", f"signed    {TWO_PRINT}", f"demanded  {ONE_PRINT}", history=[])


@sqlite
@pytest.mark.parametrize(("text", "says"), [
    ("", ["godwit.sum.sig:1:", "no first line of a signature"]),
    (f"godwit-signature ed25519 {ONE_PRINT}\nAAAA\n", ["godwit.sum.sig:2:", "no signature in base64"]),
], ids=["empty", "no base64"])
def test_a_signature_that_is_none_is_refused_with_its_place(signed, db, text, says):
    signed.write("migrations/godwit.sum.sig", text)
    refused_everywhere(signed, db, *says, history=[])


@sqlite
@pytest.mark.parametrize(("text", "says"), [
    ("hello\n", "one.pub holds no public key"),
    (ONE, "one.pub holds a private key"),
    (pem("PUBLIC", bytes.fromhex("302a300506032b656e032100") + ONE_RAW), "one.pub holds a key of another kind"),
], ids=["text", "private", "x25519"])
def test_a_key_file_that_is_none_is_named(signed, db, text, says):
    signed.write("one.pub", text)
    refused_everywhere(signed, db, says, history=[])


@sqlite
def test_a_key_file_that_is_not_there_is_named(signed):
    signed.run("up", "--verify-key", "keys/gone.pub").expect(7, err_contains=["keys/gone.pub", "verify_key"])
    signed.run("validate", "--verify-key", "keys/gone.pub").expect(7, err_contains="keys/gone.pub")


@sqlite
@pytest.mark.parametrize(("key", "says"), [
    (None, "gone.pem"), ("hello\n", "key.pem holds no private key"), (ONE_PUB, "key.pem holds no private key"),
], ids=["missing", "text", "public"])
def test_a_key_that_cannot_sign_leaves_everything_as_it_was(signed, key, says):
    before = {path.name: path.read_bytes() for path in (signed.cwd / "migrations").iterdir()}
    signed.write("migrations/0002_b.sql", B)
    before["0002_b.sql"] = B.encode()
    if key is None:
        signed.run("hash", "--sign", "gone.pem").expect(7, err_contains=says)
    else:
        signed.write("key.pem", key)
        signed.run("hash", "--sign", "key.pem").expect(2, err_contains=[says, "hint:"])
    assert {path.name: path.read_bytes() for path in (signed.cwd / "migrations").iterdir()} == before


@sqlite
def test_new_and_rebase_say_that_the_signature_is_stale(signed):
    signed.run("new", "more").expect(0, out_contains="migrations/godwit.sum", err_contains="migrations/godwit.sum.sig does not fit any longer")
    signed.run("validate", "--empty", *DEMAND).expect(3, err_contains="does not fit")
    signed.run("hash", "--sign", "one.pem").expect(0)
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
    for args in (["init"], ["add", "migrations"], ["commit", "-m", "First"], ["checkout", "-b", "work"]):
        subprocess.run(["git", *identity, *args], cwd=signed.cwd, check=True, capture_output=True)
    (signed.cwd / "migrations/0002_early.sql").write_text(B)
    signed.run("rebase", "--base", "main").expect(0, err_contains=["0002_early.sql is 0003_early.sql now", "sum.sig does not fit any longer"])


@sqlite
def test_an_environment_demands_it_and_another_does_not(keys):
    keys.write("godwit.yaml", f"""
envs:
  local: {{ url: {keys.url} }}
  production: {{ url: {keys.url}, verify_key: keys/one.pub }}
  inline:
    url: {keys.url}
    verify_key: {base64.b64encode(ONE_DER).decode()}
  block:
    url: {keys.url}
    verify_key: |
      {ONE_PUB.replace(chr(10), chr(10) + "      ")}
""")
    keys.write("keys/one.pub", ONE_PUB)
    for name in ("production", "inline", "block"):
        keys.run("up", "--env", name, url=None).expect(3, err_contains=["has no sum file", "verify_key: godwit.yaml:"])
    keys.run("up", "--pretend", "--env", "local", url=None).expect(0)
    keys.run("up", "--env", "local", url=None, env={"GODWIT_VERIFY_KEY": "keys/one.pub"}).expect(
        3, err_contains="verify_key: environment GODWIT_VERIFY_KEY")
    keys.run("hash", "--sign", "one.pem").expect(0)
    for name in ("production", "inline", "block"):
        keys.run("validate", "--env", name, url=None).expect(0)
    keys.run("validate", "--verify-key", base64.b64encode(ONE_RAW).decode()).expect(0)
    other = keys.folder({}, "elsewhere")
    keys.run("validate", "--config", "../godwit.yaml", "--env", "production", url=None, cwd=other).expect(0)
    keys.run("validate", "--config", "../godwit.yaml", "--env", "inline", url=None, cwd=other).expect(0)


@sqlite
def test_only_the_word_none_takes_a_demand_away(keys):
    keys.write("godwit.yaml", "verify_key: one.pub\nenvs: { local: { verify_key: none } }\n")
    keys.run("up", "--env", "local", "--pretend").expect(0)
    keys.run("up", "--env", "local", "--pretend", env={"GODWIT_VERIFY_KEY": "one.pub"}).expect(3, err_contains="has no sum file")
    keys.run("up", "--verify-key", "").expect(2, err_contains=["'verify_key' is empty", "`none`"])


@sqlite
def test_what_the_signature_says_nothing_of_does_not_run(keys, db):
    keys.write("migrations/0002_b.sql", "-- atlas:sum ignore\n" + B)
    keys.run("hash", "--sign", "one.pem").expect(0)
    refused_everywhere(keys, db, "migrations/0002_b.sql is not signed: godwit.sum has no line for it", history=[])
    keys.folder({"1_a.up.sql": A, "1_a.down.sql": "DROP TABLE a;\n", "atlas.sum": ""}, name="other")
    keys.run("hash", "--dir", "other", "--sign", "one.pem").expect(0, out_contains="other/atlas.sum.sig")
    keys.run("up", "--dir", "other", *DEMAND).expect(3, err_contains="other/1_a.down.sql is not signed: atlas.sum has no line for it")


@sqlite
def test_a_way_down_that_only_the_history_knows_does_not_run(signed, db):
    signed.run("up", *DEMAND).expect(0)
    for name in FOLDER:
        (signed.cwd / "migrations" / name).unlink()
    signed.run("hash", "--sign", "one.pem").expect(0)
    for command in (["down"], ["down", "--pretend"]):
        signed.run(*command, *DEMAND).expect(3, err_contains=["the way down of 0001 a is known to the history alone, and is not signed",
                                                              "demanded by verify_key"])
    signed.run("down").expect(0, out_contains="reverted 0001 a")


@sqlite
def test_a_reset_that_would_be_refused_deletes_nothing(signed, db):
    signed.run("up", *DEMAND).expect(0)
    signed.write("migrations/0002_b.sql", B)
    signed.run("db", "reset", "--yes", *DEMAND).expect(3, err_contains="0002_b.sql is not in it")
    assert applied(db) == ["0001 applied"]
