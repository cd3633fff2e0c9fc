"""The command line: what it prints, and one line and exit status 2 for whatever a user gets wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.cli import main
from meanfield.cli.phase_diagram import _published


def run(capsys, *words):
    status = main(list(words))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_solve_prints_the_state(capsys):
    status, out, err = run(capsys, "solve", "brunel2000", "--g", "5", "--eta", "2")
    assert (status, err) == (0, "")
    assert "37.9497" in out


def test_solve_json_is_the_state(capsys):
    status, out, _ = run(capsys, "solve", "brunel2000", "--g=4.5", "--eta=0.9", "--json")
    state = mf.solve(mf.models.brunel2000(g=4.5, eta=0.9))
    assert status == 0
    assert json.loads(out)["states"][0]["E"]["rate"] == state.rate[0]


def test_solve_all_says_whether_it_is_complete(capsys):
    status, out, _ = run(capsys, "solve", "brunel2000", "--g", "3.5", "--eta", "0.8", "--all", "--json")
    answer = json.loads(out)
    assert status == 0
    assert answer["is_complete"]
    assert len(answer["states"]) == 3


def test_a_file_is_a_network_too(capsys, tmp_path):
    mf.dump(mf.models.brunelhakim1999(), tmp_path / "net.toml")
    status, out, _ = run(capsys, "solve", str(tmp_path / "net.toml"))
    assert status == 0
    assert "brunelhakim1999" in out


def test_values_are_read_in_their_units_or_as_si(capsys):
    answers = [
        run(capsys, "solve", "brunel2000", "--json", "--tau_m", tau_m, "--weight", weight)
        for tau_m, weight in (("15ms", "0.2 mV"), ("0.015", "2e-4"), ("15000 us", "200uV"))
    ]
    state = mf.solve(mf.models.brunel2000(tau_m=0.015, weight=2e-4))
    for status, out, _ in answers:
        assert status == 0
        assert json.loads(out)["states"][0]["E"]["rate"] == pytest.approx(state.rate[0], rel=1e-12)


def test_models_are_listed(capsys):
    status, out, _ = run(capsys, "models")
    assert status == 0
    assert all(name in out for name in mf.models.MODELS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("solve", "brunel200"), "unknown model 'brunel200'; did you mean 'brunel2000'?"),
        (("solve", "brunel2000", "--gee", "5"), "unknown parameter of brunel2000: 'gee'"),
        (("solve", "brunel2000", "--g", "five"), "g must be a plain number, such as '3', got 'five'"),
        (("solve", "brunel2000", "--g", "5ms"), "g cannot be in 'ms' (got '5ms'); it has no unit"),
        (("solve", "brunel2000", "--delay", "2mV"), "delay cannot be in 'mV' (got '2mV'); known units: s, ks, ms"),
        (("solve", "brunel2000", "--delay", "2mV"), "a plain number is in s"),
        (("solve", "potjans2014", "--external-rate=8ms"), "external_rate cannot be in 'ms' (got '8ms')"),
        (("solve", "brunel2000", "--delay", "1..2 ms"), "delay must be a number with a unit, such as '3 ms'"),
        (
            ("solve", "brunel2000", "--delay", "uniform:0ms:1ms:2ms"),
            "delay of kind uniform has the parameters low, high",
        ),
        (("solve", "brunel2000", "--delay", "unifrm:0ms:1ms"), "did you mean 'uniform'?"),
        (("solve", "brunel2000", "--g"), "--g lacks its value"),
        (("solve", "brunel2000", "stray"), "unexpected argument 'stray'"),
        (("solve", "brunel2000", "--g", "nan"), "g must be a plain number, such as '3', got 'nan'"),
        (("solve", "brunel2000", "--tau_m", "-20ms"), "must be positive, got -0.02 s"),
        (("solve", "brunel2000", "--v_reset", "25mV"), "v_reset"),
        (("solve", "nowhere.toml"), "nowhere.toml: there is no such file"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, words, message):
    status, out, err = run(capsys, *words)
    assert status == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_no_state_is_status_1(capsys):
    status, _, err = run(capsys, "solve", "brunel2000", "--g", "2", "--eta", "1.5", "--t_ref", "0")
    assert status == 1
    assert "run away" in err
    assert err.count("\n") == 1


def test_version_from_a_fresh_process():
    out = subprocess.run(
        [sys.executable, "-m", "meanfield.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == f"meanfield {mf.__version__}"


def test_stability_prints_roots(capsys):
    status, out, err = run(capsys, "stability", "brunel2000", "--g", "6", "--eta", "4", "--line", "-20")
    assert (status, err) == (0, "")
    assert "unstable (Hopf)" in out
    assert "190.209 Hz" in out
    assert "2 roots right of -20/s" in out


def test_delays_may_be_distributed(capsys):
    status, out, err = run(capsys, "stability", "brunel2000", "--g", "6", "--eta", "4", "--delay", "uniform:0ms:3ms")
    expected = mf.stability(mf.solve(mf.models.brunel2000(g=6, eta=4, delay=mf.UniformDelay(0.0, 0.003))))
    assert (status, err) == (0, "")
    assert f"{expected.frequency:.6g} Hz" in out


def test_phase_diagram_of_a_network_file(capsys, tmp_path):
    path = tmp_path / "net.toml"
    mf.dump(mf.models.brunel2000(g=5, eta=2), path)
    axes = ("--x", "weight[*,I]=-1mV:-0.4mV:3", "--y", "drive0.rate=10Hz:40Hz:2", "--delay", "gaussian:1.5ms:0.3ms")
    words = ("phase-diagram", str(path), *axes, "--engine", "serial", "--no-lines", "--out", str(tmp_path / "out"))
    status, _, _ = run(capsys, *words)
    assert status == 0
    stored = xr.open_zarr(tmp_path / "out" / "phase_diagram.zarr")
    expected = mf.solve(mf.models.brunel2000(g=10, eta=1))  # -1 mV and 10 Hz
    assert stored["rate"].values[0, 0, 0] == pytest.approx(expected.rate, rel=1e-9)


def test_stability_of_every_state_as_json(capsys):
    status, out, _ = run(capsys, "stability", "brunel2000", "--g", "3.5", "--eta", "0.8", "--all", "--json")
    states = json.loads(out)["states"]
    expected = [mf.stability(state) for state in mf.solve_all(mf.models.brunel2000(g=3.5, eta=0.8))]
    assert status == 0
    assert [state["stability"]["kind"] for state in states] == [answer.kind for answer in expected]
    assert states[0]["E"]["rate"] == expected[0].state.rate[0]


def phase_diagram(capsys, out, *words):
    return run(capsys, "phase-diagram", "brunel2000", "--engine", "serial", "--out", str(out), *words)


def test_published_networks_are_marked_where_they_lie_in_the_plane():
    ds = mf.phase_diagram("brunel2000", g=[4.0, 8.0], eta=[0.5, 3.0])
    places, label = _published(ds)
    assert places == {"C": (5.0, 2.0), "D": (4.5, 0.9)}  # A and B are outside
    assert label == "Brunel (2000), fig. 8"
    for elsewhere in ({"eta": [0.5, 3.0], "delay": 3e-3}, {"delay": [1e-3, 2e-3]}):  # other delays; another plane
        assert _published(mf.phase_diagram("brunel2000", g=[4.0, 8.0], **elsewhere)) == ({}, "")


def test_phase_diagram_writes_dataset_and_pictures_and_resumes(capsys, tmp_path):
    words = ("--x", "g=5:7:3", "--y", "delay=1ms:2ms:3", "--eta", "3")
    status, out, err = phase_diagram(capsys, tmp_path, *words)
    assert status == 0
    assert "Traceback" not in err
    names = {"phase_diagram.zarr", "phase_diagram.png", "phase_diagram.pdf"}
    assert {path.name for path in tmp_path.iterdir()} == names
    stored = xr.open_zarr(tmp_path / "phase_diagram.zarr")
    expected = mf.phase_diagram("brunel2000", g=[5.0, 6.0, 7.0], delay=[0.001, 0.0015, 0.002], eta=3.0)
    np.testing.assert_array_equal(stored["class"].values, expected["class"].values)
    shares = dict(line.rsplit(maxsplit=2)[:2] for line in out.splitlines()[1:] if line.endswith("%"))
    assert sum(map(int, shares.values())) == 9
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("c/*/*")}
    assert phase_diagram(capsys, tmp_path, *words)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("c/*/*")} == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--x", "g=0:8", "--y", "eta=0:4:4"), "an axis must be NAME=LOW:HIGH:N, such as g=0:8:200, got 'g=0:8'"),
        (("--x", "gg=0:8:3", "--y", "eta=0:4:4"), "unknown parameter of brunel2000: 'gg'; did you mean 'g"),
        (("--x", "g=0:8:0", "--y", "eta=0:4:4"), "axis g is empty"),
        (("--x", "g=8:0:4", "--y", "eta=0:4:4"), "axis g must run upwards"),
        (("--x", "g=0:8:x", "--y", "eta=0:4:4"), "axis g must have a whole number of values, got 'x'"),
        (("--x", "g=0:8:3", "--y", "g=0:4:4"), "must be two parameters, got g twice"),
        (("--x", "g=0:8:3", "--y", "delay=1mV:2mV:4"), "axis delay cannot be in 'mV'"),
        (("--x", "g=0:8:3", "--y", "eta=0:4:4", "--g", "5"), "parameter --g is an axis already"),
        (("--x", "g=0:8:3", "--y", "eta=0:4:4", "--dealy", "2ms"), "'dealy'; did you mean 'delay"),
        (("--x", "g=0:8:3", "--y", "eta=0:4:4", "--engine", "procesess"), "did you mean 'processes'"),
    ],
)
def test_bad_phase_diagrams_are_one_line_and_status_2(capsys, tmp_path, words, message):
    status, out, err = phase_diagram(capsys, tmp_path / "out", *words)
    assert status == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_a_store_of_another_run_is_refused(capsys, tmp_path):
    words = ("--x", "g=5:7:2", "--y", "eta=1:2:2", "--no-lines")
    assert phase_diagram(capsys, tmp_path, *words)[0] == 0
    status, _, err = phase_diagram(capsys, tmp_path, *words, "--delay", "2ms")
    assert status == 2
    assert "parameter delay: stored its default, asked for 0.002" in err
    assert err.count("\n") == 1


def test_a_scheduler_that_does_not_answer_is_one_line(capsys, tmp_path, monkeypatch):
    def no_answer(*_, **__):
        raise ConnectionError("no dask scheduler answers at tcp://127.0.0.1:9 within 10 s")

    monkeypatch.setattr("meanfield.cli.phase_diagram.phase_diagram", no_answer)
    status, _, err = phase_diagram(capsys, tmp_path, "--x", "g=5:7:2", "--y", "eta=1:2:2")
    assert status == 2
    assert "no dask scheduler answers" in err
    assert err.count("\n") == 1


def test_edge_gives_radius_verdict_and_critical_factor(capsys):
    status, out, _ = run(capsys, "edge", "ostojic2014", "--weight", "0.6mV")
    assert status == 0
    assert "mean             1.1493  beyond" in out
    status, out, _ = run(capsys, "edge", "ostojic2014", "--weight", "0.2mV", "--json")
    answer = json.loads(out)
    assert answer["states"][0]["edge"]["1-p"]["verdict"] == "inside"
    critical = mf.randommatrix.critical_weight("ostojic2014", bounds=(1e-4, 1e-3), variant="1-p")
    assert answer["critical_factor"]["1-p"] * 0.2e-3 == pytest.approx(critical, rel=1e-9)


def test_edge_tells_rates_that_run_away_from_chaos(capsys):
    status, out, _ = run(capsys, "edge", "brunel2000", "--g", "3.5", "--eta", "0.8", "--all")
    assert status == 0
    assert "rates unstable" in out.split("\n\n")[2]  # the saddle
    assert out.count("none from 0.1 to 10") == 3


@pytest.fixture(scope="module")
def matrix_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("matrix")
    np.save(path / "w.npy", mf.randommatrix.Circular(0.6, mean=1.5).sample(200, rng=1))
    np.save(path / "labels.npy", np.repeat(["E", "I"], 100))
    np.save(path / "few.npy", np.repeat(["E", "I"], 10))
    np.save(path / "wide.npy", np.ones((2, 3)))
    np.save(path / "nan.npy", np.full((20, 20), np.nan))
    (path / "text.npy").write_text("no matrix")
    return path


def test_spectrum_compares_a_matrix_with_its_law(capsys, matrix_file):
    status, out, err = run(capsys, "spectrum", str(matrix_file / "w.npy"), "--gain", "0.5")
    assert (status, err) == (0, "")
    assert "inside the edge of chaos" in out
    words = (str(matrix_file / "w.npy"), "--labels", str(matrix_file / "labels.npy"), "--gain", "1.2", "--json")
    status, out, _ = run(capsys, "spectrum", *words, "--out", str(matrix_file / "w.png"))
    answer = json.loads(out)
    assert status == 0
    assert answer["blocks"]["names"] == ["E", "I"]
    assert answer["predicted"]["radius"] == pytest.approx(1.2 * 0.6, rel=0.03)
    assert answer["verdict"] == "rates unstable"
    assert (matrix_file / "w.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("w.npy", "--labels", "few.npy"), "labels must be one a neuron, 200, got shape (20,)"),
        (("w.npy", "--gain", "fast"), "gain must be a plain number"),
        (("w.npy", "--out", "w.jpeg"), "--out must be a .png, .pdf, .svg file"),
        (("w.npy", "--part", "reall"), "did you mean 'real'?"),
        (("wide.npy",), "must be square, got shape (2, 3)"),
        (("nan.npy",), "must be finite, got nan at index (0, 0)"),
        (("text.npy",), "is no NumPy array"),
        (("nowhere.npz",), "there is no such file"),
        (("w.npy", "stray"), "unexpected argument 'stray'"),
    ],
)
def test_bad_matrices_are_one_line_and_status_2(capsys, matrix_file, monkeypatch, words, message):
    monkeypatch.chdir(matrix_file)
    status, out, err = run(capsys, "spectrum", *words)
    assert status == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_a_matrix_that_does_not_fit_says_how_much_it_needs(capsys, matrix_file, monkeypatch):
    monkeypatch.setattr("meanfield.randommatrix.memory.available_memory", lambda: 1000)
    status, _, err = run(capsys, "spectrum", str(matrix_file / "w.npy"))
    assert status == 2
    assert "needs 0.0 GiB of memory" in err
    assert err.count("\n") == 1
