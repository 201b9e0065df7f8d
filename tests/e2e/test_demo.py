"""./do demo, as somebody sees it who has just cloned the repository."""
import os
import pathlib
import subprocess

from godwit import clean_environment, program

DEMO = pathlib.Path(__file__).resolve().parents[2] / "examples/quickstart/demo.sh"


def test_the_demo_shows_the_main_job_and_leaves_nothing_behind(tmp_path):
    before = sorted(path.name for path in DEMO.parent.rglob("*"))
    # Whoever watches has a database configured: the demo must not touch that.
    env = clean_environment(tmp_path, DATABASE_URL="postgres://nobody@127.0.0.1:1/theirs", TMPDIR=tmp_path)
    done = subprocess.run(["bash", str(DEMO), program()[-1]], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                          check=False, env=env, cwd="/")
    said = f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.returncode == 0, said
    for part in ("$ godwit up --pretend", "The Sea Around Us|Rachel Carson", "0004_add_ratings.sql:9:25", "$ godwit down 0001"):
        assert part in done.stdout, f"lacks {part!r}\n{said}"
    assert sorted(path.name for path in DEMO.parent.rglob("*")) == before
    assert os.listdir(tmp_path) == []
