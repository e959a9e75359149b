"""Electricity: measured where the processor counts, estimated elsewhere, and always said which."""

import pytest

from core.host.energy import EnergyMeter, guessed_watts


def zone(folder, name, value, top=10**12):
    path = folder / name
    path.mkdir(exist_ok=True)
    (path / "energy_uj").write_text(f"{value}\n")
    (path / "max_energy_range_uj").write_text(f"{top}\n")


def test_estimated_from_computing_time(tmp_path):
    meter = EnergyMeter(4, tmp_path / "none")
    assert meter.joules(2.0, 1.0, 0.1, watts=100) == pytest.approx(50.0)
    assert not meter.source.measured
    assert meter.source.sentence == "Estimated: computing time, at 100 W for all cores at full load."


@pytest.mark.parametrize(
    ("cores", "battery", "watts"), [(8, False, 80.0), (8, True, 32.0), (1, True, 10.0), (96, False, 250.0)]
)
def test_guesses(tmp_path, cores, battery, watts):
    assert guessed_watts(cores, battery=battery) == watts
    assert EnergyMeter(cores, tmp_path).joules(1.0, 1.0, None, battery=battery) == pytest.approx(watts / cores)


def test_measured_and_shared_by_computing_time(tmp_path):
    zone(tmp_path, "intel-rapl:0", 1_000_000)
    zone(tmp_path, "intel-rapl:0:0", 5)  # a part of the first
    zone(tmp_path, "intel-rapl:1", 0)
    meter = EnergyMeter(2, tmp_path)
    zone(tmp_path, "intel-rapl:0", 31_000_000)
    zone(tmp_path, "intel-rapl:1", 10_000_000)
    # 40 J in a second; this program computed 0.5 s, others 0.5 s.
    assert meter.joules(0.5, 1.0, 0.25) == pytest.approx(20.0)
    assert meter.source.measured
    assert meter.joules(0.0, 1.0, 0.0) == 0.0


def test_a_counter_that_starts_anew(tmp_path):
    zone(tmp_path, "intel-rapl:0", 9_000_000, top=10_000_000)
    meter = EnergyMeter(1, tmp_path)
    zone(tmp_path, "intel-rapl:0", 1_000_000, top=10_000_000)
    assert meter.joules(1.0, 1.0, 0.0) == pytest.approx(2.0)


def test_a_counter_that_can_no_longer_be_read(tmp_path):
    zone(tmp_path, "intel-rapl:0", 0)
    meter = EnergyMeter(1, tmp_path)
    (tmp_path / "intel-rapl:0" / "energy_uj").unlink()
    assert meter.joules(1.0, 1.0, 0.0, watts=30) == 30.0
    assert not meter.source.measured
