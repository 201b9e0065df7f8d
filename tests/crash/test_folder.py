"""kill -9 at every call by which a command touches the folder of migrations. Then the folder is as it was, as it should be, or `validate` says
what is wrong; nobody finds the same statements twice without a word."""
import shutil

import pytest

pytestmark = pytest.mark.engines("sqlite")

A, B, C = "CREATE TABLE a (n INTEGER);\n", "CREATE TABLE b (n INTEGER);\n", "CREATE TABLE c (n INTEGER);\n"
DOWN = {name: f"DROP TABLE {name};\n" for name in "abc"}
FOLDERS = {
    "numbers": {"0001_a.sql": A, "0001_a_down.sql": DOWN["a"], "0002_b.sql": B, "0002_b_down.sql": DOWN["b"], "0003_c.sql": C,
                "0003_c_down.sql": DOWN["c"], "0003_c.verify.sql": "SELECT n FROM c;\n"},
    "times": {"20260101000000_a.sql": A, "20260102000000_b.sql": B, "20260103000000_c.sql": C},
    "folders": {f"2026010{number}000000_{name}/{file}": text for number, name, up in ((1, "a", A), (2, "b", B), (3, "c", C))
                for file, text in (("migration.sql", up), ("down.sql", DOWN[name]))},
}


def built(server, godwit, folder):
    database = server.database()
    try:
        godwit.run("up", "--dir", folder, url=database.url).expect(0)
        return sorted(line for line in database.dump().splitlines())
    finally:
        database.drop()


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
@pytest.mark.parametrize("layout", list(FOLDERS))
@pytest.mark.parametrize("name", [None, "all of it"], ids=["same name", "new name"])
def test_a_squash_that_is_killed_leaves_no_riddle(server, godwit, killat, counted, layout, name, sealed):
    original = godwit.folder(FOLDERS[layout], name="original")
    if sealed:
        godwit.run("hash", "--dir", "original").expect(0)
    first = sorted(FOLDERS[layout])[0].split("_")[0]
    command = ["squash", first, "--offline", *(["--name", name] if name else []), "--dir"]
    url = "sqlite:nobody.db"
    wanted = built(server, godwit, "original")
    shutil.copytree(original, godwit.cwd / "whole")
    points = [line for line in killat.calls(*command, "whole", url=url)]
    assert built(server, godwit, "whole") == wanted and len(points) > 5, points
    godwit.run("validate", "--dir", "whole", url=url).expect(0)
    tried = 0
    for at in range(1, len(points) + 1):
        folder = godwit.cwd / f"killed{at}"
        shutil.copytree(original, folder)
        killed = killat.run(at, *command, folder.name, url=url)
        assert killed.rc in (0, -9), killed
        tried += killed.rc == -9
        found = godwit.run("validate", "--dir", folder.name, url=url)
        if found.rc == 0:
            assert built(server, godwit, folder.name) == wanted, f"{killat.trace()}\n{killed}\n{found}"
            continue
        says = "godwit.sum" if sealed else "was squashed into"
        found.expect(3, err_contains=says)
    assert tried > 5
    counted("crash points", "folder", tried)
