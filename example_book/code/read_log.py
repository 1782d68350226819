"""Read the weather log and print one line for each day."""

import csv
from pathlib import Path

LOG = Path(__file__).with_name("log.csv")


def read_log(path=LOG):
    """Return all readings as a list of dictionaries."""
    readings = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            # An empty field is a missing reading, never a zero.
            reading = {
                name: float(value) if value else None
                for name, value in row.items()
                if name != "time"
            }
            reading["time"] = row["time"]
            readings.append(reading)
    return readings


def by_day(readings):
    """Group the readings by their date."""
    days = {}
    for reading in readings:
        date = reading["time"][:10]
        days.setdefault(date, []).append(reading)
    return days


def values(readings, name):
    """Return one column without its missing readings."""
    return [r[name] for r in readings if r[name] is not None]


if __name__ == "__main__":
    for date, day in by_day(read_log()).items():
        temperature = values(day, "temperature")
        rain = sum(values(day, "rain"))
        print(f"{date}  min {min(temperature):5.1f}"
              f"  max {max(temperature):5.1f}  rain {rain:5.1f}")
